/**
 * Random programs: a function that went to a worker by value gives what it gives here.
 *
 * `npm run programs` runs 10 000 of them, `OFFLOOP_PROGRAMS` is how many, `OFFLOOP_SEED=7` takes others. A failure names its seed
 * and shows the smallest program that fails.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import vm from "node:vm";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { ProcessPoolExecutor, ThreadPoolExecutor, TravelError as PublicTravelError } from "offloop";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TravelError } from "#internal/core/errors";
import { capture } from "#internal/travel/value/capture";
import { outcomesOf } from "./outcomes.ts";
import { ProgramWriter } from "./program-writer.ts";

// 10 000 take 55 to 110 seconds where both cores are busy.
const PROGRAMS = Number(process.env.OFFLOOP_PROGRAMS ?? 4_000);
const SEED = Number(process.env.OFFLOOP_SEED ?? 20_261);
// In one file: V8 lists a script once.
const IN_A_FILE = 100;

type Fn = (...args: unknown[]) => unknown;
/** How a program hands over its function. */
type Take = (fn: Fn, args: unknown[]) => () => Promise<Outcomes>;
type Outcomes = readonly [here: unknown, there: unknown];
type Program = readonly [tape: Uint8Array, strict: boolean];

const programs: fc.Arbitrary<Program> = fc.tuple(
  fc.uint8Array({ minLength: 10, maxLength: 140, size: "max" }),
  fc.boolean(),
);

let folder: string;
let worker: Worker;
const answers: ((outcome: unknown) => void)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "offloop-programs-"));
  const build = await rolldown({
    cwd: path.join(import.meta.dirname, "../../.."),
    input: path.join(import.meta.dirname, "revive-worker.ts"),
    platform: "node",
    external: ["acorn"],
  });
  await build.write({ file: path.join(folder, "worker.mjs"), format: "esm" });
  await build.close();
  worker = new Worker(path.join(folder, "worker.mjs"));
  // In the order of the questions.
  worker.on("message", (outcome) => answers.shift()!(outcome));
});

afterAll(async () => {
  await worker.terminate();
  rmSync(folder, { recursive: true });
});

/** Captured while it is on the stack, where V8 finds its name without the debugger; sent at once; called here later. */
const byCapture: Take = (fn, args) => {
  const { capture: captured } = capture(fn, "fn");
  const there = new Promise((resolve) => answers.push(resolve));
  worker.postMessage({ capture: captured, args });
  return async () => [await outcomesOf(fn, args), await there];
};

/** For each program what compares it, or why it cannot: the error that it threw, a refusal. */
function load(all: readonly Program[], take: Take): unknown[] {
  const texts = all.map(([tape, strict]) => new ProgramWriter(tape).program(strict));
  const source = `return [\n${texts.map((text) => `(take) => {\n${text}\n}`).join(",\n")}\n];`;
  const filename = path.join(folder, "programs.cjs");
  writeFileSync(filename, source);
  const run = vm.compileFunction(source, [], { filename }) as () => ((take: Take) => unknown)[];
  return run().map((program) => {
    try {
      return program(take);
    } catch (error) {
      return error;
    }
  });
}

const counts = { compared: 0, senseless: 0, "shared-let": 0 };

/** @throws the difference */
async function check(comparison: unknown): Promise<void> {
  if (typeof comparison === "function") {
    const [here, there] = await (comparison as () => Promise<Outcomes>)();
    if (!isDeepStrictEqual(there, here)) expect(there).toEqual(here);
    counts.compared++;
  } else if (comparison instanceof TravelError) {
    // Two functions that assign one variable: their copies would differ. Nothing else in these programs may be refused.
    if (comparison.kind !== "shared-let") throw comparison;
    counts["shared-let"]++;
  } else if (isOurs(comparison)) {
    throw comparison;
  } else {
    // Not each combination makes sense: it threw before there was a function.
    counts.senseless++;
  }
}

function isOurs(error: unknown): boolean {
  return /\/src\/(?:travel|inspect)\//.test((error as Error).stack?.split("\n    at ")[1] ?? "");
}

/** Shrinks: the smallest program that fails is what is shown. */
async function explain(program: Program, cause: unknown): Promise<never> {
  const property = fc.asyncProperty(programs, async (smaller) => {
    const text = new ProgramWriter(smaller[0]).program(smaller[1]);
    const failure = await check(load([smaller], byCapture)[0]).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure !== undefined) {
      throw new Error(`${(failure as Error).message}\n\n${text}`, { cause: failure });
    }
  });
  await fc.assert(property, { seed: SEED, examples: [[program]], numRuns: 1 });
  const text = new ProgramWriter(program[0]).program(program[1]);
  throw new Error(`It failed among others only. OFFLOOP_SEED=${SEED}\n\n${text}`, { cause });
}

describe("a random program gives there what it gives here", () => {
  test(`${PROGRAMS} programs`, { timeout: 60_000 + PROGRAMS * 30 }, async () => {
    const all = fc.sample(programs, { numRuns: PROGRAMS, seed: SEED });
    for (let at = 0; at < all.length; at += IN_A_FILE) {
      const some = all.slice(at, at + IN_A_FILE);
      for (const [index, comparison] of load(some, byCapture).entries()) {
        await check(comparison).catch((difference: unknown) => explain(some[index]!, difference));
      }
    }
    expect(counts.compared).toBeGreaterThan(PROGRAMS * 0.98);
    expect(counts["shared-let"]).toBeLessThan(PROGRAMS * 0.01);
  });

  test.each([
    ["threads", () => new ThreadPoolExecutor({ maxWorkers: 1, nice: 0 })],
    ["processes", () => new ProcessPoolExecutor({ maxWorkers: 1, nice: 0 })],
  ])("300 through %s", async (_title, open) => {
    await using pool = open();
    const byPool: Take = (fn, args) => {
      const call = pool.submit(
        async (called: Fn, given: unknown[]) => JSON.stringify(await called(...given)),
        [fn, args],
      );
      // Told when it is asked for.
      const there = call.then(String, (error: unknown) =>
        error instanceof PublicTravelError ? error.kind : `threw ${String(error)}`,
      );
      return async () => [await textOf(fn, args), await there];
    };
    for (const comparison of load(fc.sample(programs, { numRuns: 300, seed: SEED }), byPool)) {
      if (typeof comparison !== "function") continue;
      const [here, there] = await (comparison as () => Promise<Outcomes>)();
      if (there !== "shared-let") expect(there).toBe(here);
    }
  });
});

async function textOf(fn: Fn, args: unknown[]): Promise<string> {
  try {
    return JSON.stringify(await fn(...args));
  } catch (error) {
    return `threw ${String(error)}`;
  }
}
