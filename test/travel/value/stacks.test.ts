import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { makers } from "../../fixtures/travel/stacks.mjs";
import { onEachKind } from "../executors.ts";

const file = new URL("../../fixtures/travel/stacks.mjs", import.meta.url);
const lines = readFileSync(file, "utf8").split("\n");

interface Place {
  readonly line: number;
  readonly column: number;
}

/** Places of the file in a stack, the innermost first. */
function placesIn(stack: string): Place[] {
  const names = [file.href, fileURLToPath(file)].map((name) => name.replaceAll(/[^\w/]/g, "\\$&"));
  return [...stack.matchAll(new RegExp(`(?:${names.join("|")}):(\\d+):(\\d+)`, "g"))].map(
    ([, line, column]) => ({
      line: Number(line),
      column: Number(column),
    }),
  );
}

async function thrownBy(run: () => unknown): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  return expect.fail("it did not throw");
}

onEachKind((pool) => {
  describe("a stack shows where it was written", () => {
    test.each(Object.entries(makers))("%s", async (_, make) => {
      const [fn, ...args] = make() as unknown as [(...args: never[]) => unknown, ...never[]];
      const there = await thrownBy(() => pool().submit(fn, args, { travel: "value" }));
      const here = await thrownBy(() => fn(...args));
      const [ofFixture, depth] = [placesIn(here.stack!), placesIn(there.stack!)];
      // Below are the frames of whoever called it, which are in this file or in a worker.
      const own = ofFixture.slice(0, 2);
      expect(depth.slice(0, own.length)).toEqual(own);
      expect(own.some(({ line }) => lines[line - 1]!.includes("here"))).toBe(true);
    });
  });
});
