/**
 * Random calls, each with what may become of it.
 */
import type { CallOptions, Executor, Task } from "offloop";
import type { Random } from "../../test/random.ts";
import * as does from "./work.mjs";

/** How a call may settle, apart from what is done to its pool. `value`: fulfilled, with what is expected. */
export type Outcome = "value" | "thrown" | "cancelled" | "timedOut" | "lost" | "uncopied";

export interface Call {
  readonly n: number;
  readonly what: string;
  readonly task: Task<unknown>;
  readonly expected: unknown;
  readonly allowed: readonly Outcome[];
}

interface Kind {
  readonly what: string;
  readonly weight: number;
  /** What is wrong about it, for the report. */
  readonly fault?: string;
  make(random: Random, n: number): Planned;
}

interface Planned {
  readonly fn: (...args: never[]) => unknown;
  readonly args: unknown[];
  readonly options?: CallOptions;
  readonly expected?: unknown;
  readonly allowed: readonly Outcome[];
}

const plainly = (fn: Planned["fn"], value: unknown, ...args: unknown[]): Planned => ({
  fn,
  args: [value, ...args],
  expected: value,
  allowed: ["value"],
});

// Of a million: a thousand of what ends a worker, ten full heaps.
const KINDS: readonly Kind[] = [
  { what: "number", weight: 600_000, make: (_, n) => plainly(does.give, n) },
  {
    what: "text",
    weight: 150_000,
    make: (random, n) => plainly(does.give, `${n}`.repeat(1 + random.below(200))),
  },
  { what: "object", weight: 80_000, make: (_, n) => plainly(does.give, { n, list: [n, { n }] }) },
  {
    what: "bytes",
    weight: 20_000,
    make: (random) => plainly(does.give, Buffer.alloc(random.below(65_536), 7)),
  },
  { what: "many bytes", weight: 200, make: () => plainly(does.give, Buffer.alloc(2 ** 20, 7)) },
  { what: "later", weight: 50_000, make: (random, n) => plainly(does.giveLater, n, random.below(4)) },
  { what: "work", weight: 10_000, make: (random) => plainly(does.work, random.below(3)) },
  {
    what: "throws",
    weight: 50_000,
    make: (_, n) => ({ fn: does.fail, args: [n], expected: n, allowed: ["thrown"] }),
  },
  {
    what: "cannot be copied",
    weight: 1_000,
    make: () => ({ fn: does.giveFunction, args: [], allowed: ["uncopied"] }),
  },
  {
    what: "has a time limit",
    weight: 20_000,
    make: (_, n) => ({ ...plainly(does.give, n), options: { timeoutMs: 60_000, queueTimeoutMs: 600_000 } }),
  },
  {
    what: "waits too long",
    weight: 5_000,
    make: (_, n) => ({
      ...plainly(does.give, n),
      options: { queueTimeoutMs: 1 },
      allowed: ["value", "timedOut"],
    }),
  },
  {
    what: "is aborted",
    weight: 10_000,
    make: (random, n) => {
      const controller = new AbortController();
      const abort = (): void => controller.abort();
      if (random.next() < 0.2) abort();
      else if (random.next() < 0.5) setImmediate(abort);
      else setTimeout(abort, random.below(5)).unref();
      const never = random.next() < 0.1;
      const planned = never ? { fn: does.untilAborted, args: [] } : plainly(does.give, n);
      // One that cannot end by itself and is not told in time goes with its worker.
      return {
        ...planned,
        options: { signal: controller.signal },
        allowed: never ? ["cancelled"] : ["value", "cancelled"],
      };
    },
  },
  {
    what: "loops",
    fault: "loops",
    weight: 500,
    make: (random) => ({
      fn: does.loop,
      args: [],
      options: { timeoutMs: 5 + random.below(30) },
      allowed: ["timedOut"],
    }),
  },
  {
    what: "exits",
    fault: "exits",
    weight: 500,
    make: (random) => ({ fn: does.exit, args: [random.below(3)], allowed: ["lost"] }),
  },
  {
    what: "exits, and is run again",
    fault: "exits",
    weight: 100,
    make: () => ({
      fn: does.exit,
      args: [9],
      options: { retry: { attempts: 3, backoff: { initialMs: 1, maxMs: 5, factor: 2, jitter: 1 } } },
      allowed: ["lost"],
    }),
  },
  {
    what: "fills the heap",
    fault: "out of memory",
    weight: 10,
    make: () => ({ fn: does.fillHeap, args: [], allowed: ["lost"] }),
  },
];

const TOTAL = KINDS.reduce((sum, { weight }) => sum + weight, 0);

export interface Planning {
  readonly executor: Executor;
  readonly random: Random;
  readonly n: number;
  readonly faults: Record<string, number>;
}

export function submitRandom({ executor, random, n, faults }: Planning): Call {
  const kind = pickKind(random);
  const { fn, args, options = {}, expected, allowed } = kind.make(random, n);
  if (kind.fault !== undefined) faults[kind.fault] = (faults[kind.fault] ?? 0) + 1;
  const task = executor.submit(fn as (...args: unknown[]) => unknown, args, {
    ...options,
    ...(random.next() < 0.2 && { priority: random.below(5) - 2 }),
    ...(random.next() < 0.1 && { key: random.below(10) }),
    ...(random.next() < 0.1 && { idempotent: true }),
  });
  return { n, what: kind.what, task, expected, allowed };
}

function pickKind(random: Random): Kind {
  let at = random.below(TOTAL);
  return KINDS.find(({ weight }) => (at -= weight) < 0)!;
}
