/**
 * One suite for all executors: `contract(title, body)` runs `body` once for each kind. After every test its executors are shut
 * down and nothing may be left of them: no worker, no child process, no thread, no handle that holds the process.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Executor,
  type ExecutorOptions,
  type ExecutorStatistics,
  InlineExecutor,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
} from "offloop";
import { type FakeClock, type Gate, gate } from "offloop/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { alive, nothingLeft } from "./leftovers.ts";

/** What the kinds are allowed to differ in. Everything else is the contract. */
export interface Kind {
  readonly name: string;
  readonly kind: ExecutorStatistics["kind"];
  readonly make: (options: ExecutorOptions) => Executor;
  /** Workers are apart from the test's own thread: there may be several, and a running task can be ended. */
  readonly apart: boolean;
  /** Memory can be shared and moved. */
  readonly sharesMemory: boolean;
}

export const KINDS: readonly Kind[] = [
  {
    name: "ThreadPoolExecutor",
    kind: "thread",
    make: (options) => new ThreadPoolExecutor(options),
    apart: true,
    sharesMemory: true,
  },
  {
    name: "ProcessPoolExecutor",
    kind: "process",
    make: (options) => new ProcessPoolExecutor(options),
    apart: true,
    sharesMemory: false,
  },
  {
    name: "InlineExecutor",
    kind: "inline",
    make: (options) => new InlineExecutor(options),
    apart: false,
    sharesMemory: true,
  },
];

/** What a test makes its executors and gates with. */
export interface Bench extends Kind {
  /** An executor of this test alone. One worker unless `maxWorkers` says otherwise. */
  make(options?: ExecutorOptions): Executor;
  /** An executor that the tests of this body share: for tests that only call functions. */
  shared(): Executor;
  /** A gate that opens at the latest when the test ends. */
  gate(): Gate;
  /** A path for a file of this test. There is none yet. */
  file(): string;
}

/** Runs `body` for each kind, or for those that `which` picks. */
export function contract(title: string, body: (bench: Bench) => void, which?: (kind: Kind) => boolean): void {
  describe.each(KINDS.filter((kind) => which?.(kind) ?? true))(`${title}: $name`, (kind) => {
    body(bench(kind));
  });
}

/** For what only happens where workers are apart. */
export const apart = ({ apart: is }: Kind): boolean => is;

function bench(kind: Kind): Bench {
  const own: Executor[] = [];
  const gates: Gate[] = [];
  const folders: string[] = [];
  const clocks = new WeakMap<Executor, FakeClock>();
  let shared: Executor | undefined;
  let before: readonly string[] = [];

  const make = (options: ExecutorOptions = {}): Executor => {
    // Not niced: with both cores busy, a niced worker would get a few percent of one. And a grace that is not used up by waiting for
    // one: who measures it has a clock of its own.
    const executor = kind.make({ maxWorkers: 1, nice: 0, cancelGraceMs: 15_000, ...options });
    if (options.clock !== undefined) clocks.set(executor, options.clock as FakeClock);
    return executor;
  };
  // The thread pool of libuv starts with the first use; what it starts is not left by anybody.
  beforeAll(() => stat("."));
  beforeEach(() => {
    if (shared === undefined) before = alive();
  });
  afterEach(async () => {
    for (const { open } of gates.splice(0)) open();
    for (const executor of own.splice(0)) await end(executor, clocks.get(executor));
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
    if (shared === undefined) await nothingLeft(before);
    else await shared.idle();
  });
  afterAll(async () => {
    if (shared === undefined) return;
    await end(shared, undefined);
    shared = undefined;
    await nothingLeft(before);
  });
  return {
    ...kind,
    make(options) {
      const executor = make(options);
      own.push(executor);
      return executor;
    },
    shared: () => (shared ??= make()),
    gate() {
      const made = gate();
      gates.push(made);
      return made;
    },
    file() {
      const folder = mkdtempSync(join(tmpdir(), "offloop-test-"));
      folders.push(folder);
      return join(folder, "file");
    },
  };
}

async function end(executor: Executor, clock: FakeClock | undefined): Promise<void> {
  const down = executor.shutdown({ cancelPending: true, timeoutMs: 0 });
  await clock?.advance(0);
  await down;
  const statistics = executor.statistics();
  expectSum(statistics);
  expect(statistics).toMatchObject({ state: "closed", pending: 0, running: 0 });
  // An inline task that was given up may still run; it holds nothing.
  if (statistics.kind !== "inline") expect(statistics.workers).toEqual([]);
}

/** The rule that holds in every state. */
export function expectSum(statistics: ExecutorStatistics): void {
  const { submitted, pending, running, fulfilled, rejected, cancelled } = statistics;
  expect(pending + running + fulfilled + rejected + cancelled).toBe(submitted);
}
