/**
 * One suite for both kinds of actors: `contract(title, body)` runs `body` for each. After every test its actors are disposed of, and
 * nothing may be left of them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ActorClass, type ActorOptions, type ActorRemote, spawnActor } from "offloop/actors";
import { afterEach, beforeAll, beforeEach, describe } from "vitest";
import { alive, nothingLeft } from "../contract/leftovers.ts";

export interface Stage {
  readonly executor: "thread" | "process";
  /** An actor of this test alone. */
  spawn<Args extends unknown[], T extends object>(
    Class: ActorClass<Args, T>,
    args: NoInfer<Args>,
    options?: ActorOptions,
  ): Promise<ActorRemote<T>>;
  /** A path for a file of this test. There is none yet. */
  file(): string;
}

export function contract(title: string, body: (stage: Stage) => void): void {
  describe.each(["thread", "process"] as const)(`${title}: %s`, (executor) => {
    const own: AsyncDisposable[] = [];
    const folders: string[] = [];
    let before: readonly string[] = [];
    // The thread pool of libuv starts with the first use; what it starts is not left by anybody.
    beforeAll(() => stat("."));
    beforeEach(() => {
      before = alive();
    });
    afterEach(async () => {
      // How each of them ends is its test's to ask.
      await Promise.allSettled(own.splice(0).map((actor) => actor[Symbol.asyncDispose]()));
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
      await nothingLeft(before);
    });
    body({
      executor,
      async spawn(Class, args, options = {}) {
        const actor = await spawnActor(Class, args, { executor, nice: 0, disposeTimeoutMs: 0, ...options });
        own.push(actor);
        return actor;
      },
      file() {
        const folder = mkdtempSync(join(tmpdir(), "offloop-test-"));
        folders.push(folder);
        return join(folder, "file");
      },
    });
  });
}
