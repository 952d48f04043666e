/**
 * What the program's monitor tells, and whether a record is what it says. The program that is watched has the pipes, and may write
 * anything there: what is used of a record must not be able to end the command.
 */
import type { Distribution } from "../core/distribution.ts";
import type { Advice } from "../loop/advice.ts";
import type { LagWindow } from "../loop/lag-windows.ts";
import type { StackSeen, Stall } from "../loop/stall.ts";

export interface Summary {
  readonly windows: readonly LagWindow[];
  readonly threadpoolLag: Distribution;
  readonly stalls: Readonly<Record<string, number>>;
  readonly advice: readonly Advice[];
}

export type WatchRecord =
  | ({ readonly type: "stall" } & Stall)
  | ({ readonly type: "blocked" } & Stall)
  /** As `blocked`, sooner and more often: nobody is told of it, unless the program ends before the stall does. */
  | ({ readonly type: "lasting" } & Stall)
  /** What was lasting is over. Whether it was a stall, the program tells itself. */
  | { readonly type: "over" }
  | {
      readonly type: "windows";
      /** Epoch milliseconds. */
      readonly at: number;
      readonly windows: readonly LagWindow[];
      readonly threadpoolLag: Distribution;
    }
  | {
      readonly type: "stacks";
      readonly startedAt: number;
      readonly durationMs: number;
      readonly stacks: readonly StackSeen[];
    }
  | ({ readonly type: "summary" } & Summary);

type Test = (value: unknown) => boolean;

/** Of any list, and of a stack, which is drawn by recursion. Ours are shorter by far. */
const MOST_ITEMS = 10_000;
const MOST_FRAMES = 1_000;
/** Ours nest half as deep. What nests without an end can be parsed, and not be printed. */
const MOST_DEEP = 10;

const text: Test = (value) => typeof value === "string";
const number: Test = (value) => Number.isFinite(value);
const anything: Test = () => true;

const optional =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value);

const listOf =
  (test: Test, most = MOST_ITEMS): Test =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(test);

const object =
  (fields: Readonly<Record<string, Test>>): Test =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, test]) => test(value[name]));

const frameFields = { function: text, file: text, line: number, column: number };
const frame = object(frameFields);
const stack = listOf(frame, MOST_FRAMES);

const stall = object({
  kind: text,
  cause: text,
  threadId: number,
  startedAt: number,
  durationMs: number,
  cpuMs: optional(number),
  gcMs: number,
  samples: number,
  culprit: optional(object({ ...frameFields, share: number, nativeCall: optional(text) })),
  syncCall: optional(text),
  stack,
  hot: listOf(object({ frame, total: number })),
  contexts: listOf(object({})),
});

const lag = object({ p50: number, p90: number, p99: number, max: number, mean: number });
const windows = listOf(object({ ms: number, lag, utilization: number, turns: number }));
const threadpoolLag = object({ count: number, p50: number, p99: number, max: number });
const stalls: Test = (value) => isObject(value) && Object.values(value).every(number);
const advice = listOf(
  object({ culprit: frame, count: number, blockedMs: number, p99Ms: number, line: text }),
);

const TYPES: Readonly<Record<WatchRecord["type"], Test>> = {
  stall,
  blocked: stall,
  lasting: stall,
  over: anything,
  windows: object({ at: number, windows, threadpoolLag }),
  stacks: object({
    startedAt: number,
    durationMs: number,
    stacks: listOf(object({ stack, ms: number })),
  }),
  summary: object({ windows, threadpoolLag, stalls, advice }),
};

export function isRecord(value: unknown): value is WatchRecord {
  if (!isObject(value) || typeof value["type"] !== "string" || !isShallow(value)) return false;
  return Object.hasOwn(TYPES, value["type"]) && TYPES[value["type"] as WatchRecord["type"]](value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isShallow(value: unknown, levels = MOST_DEEP): boolean {
  return !isObject(value) || (levels > 0 && Object.values(value).every((one) => isShallow(one, levels - 1)));
}
