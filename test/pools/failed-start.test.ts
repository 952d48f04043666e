/**
 * What is left of a worker that could not start, and of messages that nobody can take any more.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { passOn } from "#internal/pools/foreign-message";
import { unlinkedFiles } from "#internal/pools/unlinked-files";
import { describe, expect, test, vi } from "vitest";

async function run(limit: string, fixture: string, ...args: string[]): Promise<unknown> {
  const file = join(import.meta.dirname, "../fixtures/pools", fixture);
  const command = `${limit}; exec "${process.execPath}" "${file}" ${args.join(" ")}`;
  const { stdout } = await promisify(execFile)("sh", ["-c", command]);
  return JSON.parse(stdout);
}

describe.runIf(process.platform === "linux")("nothing is left open", () => {
  test("by a full disk, and no file", async () => {
    expect(await run("ulimit -f 0", "full-disk.mjs")).toMatchObject({ descriptors: 0, files: [] });
  });

  // Some are enough for the files that are shared with the child, and not for its pipes. Node leaves two of those when it fails late.
  test.each([0, 1, 2, 3, 4, 5, 6, 7])("when %i descriptors are left", async (left) => {
    const { descriptors, ...others } = (await run("ulimit -n 120", "no-descriptors.mjs", String(left))) as {
      descriptors: number;
    };
    expect(others).toEqual({ code: "ERR_OFFLOOP_BROKEN_EXECUTOR", cause: "EMFILE", later: 2 });
    expect(descriptors).toBeLessThanOrEqual(left < 6 ? 0 : 2);
  });
});

test("its files are writable, and as long as was asked for", async () => {
  const fds = unlinkedFiles(100);
  const { closeSync, fstatSync } = await import("node:fs");
  for (const fd of fds) {
    expect(fstatSync(fd)).toMatchObject({ size: 100 });
    closeSync(fd);
  }
});

test("a watcher that has closed its channel does not end the program", () => {
  const { send } = process;
  const stub = vi.fn<(...args: unknown[]) => boolean>(() => false);
  process.send = stub as never;
  try {
    passOn({ "watch:import": ["/a.js"] });
    passOn({ mine: 1 });
  } finally {
    if (send === undefined) delete process.send;
    else process.send = send;
  }
  // With a callback the error is its own; without one the process emits it.
  expect(stub.mock.calls).toEqual([[{ "watch:import": ["/a.js"] }, undefined, {}, expect.any(Function)]]);
});
