/**
 * What the program's monitor tells: one JSON object a line, over two pipes.
 */
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
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

type RecordType = WatchRecord["type"];
const TYPES: Readonly<Record<RecordType, true>> = {
  stall: true,
  blocked: true,
  lasting: true,
  over: true,
  windows: true,
  stacks: true,
  summary: true,
};

/** Calls back for each record, in order; resolves at the pipe's end. Rejects with what the callback throws. */
export async function readRecords(pipe: Readable, received: (record: WatchRecord) => void): Promise<void> {
  const lines = createInterface({ input: pipe, crlfDelay: Infinity })[Symbol.asyncIterator]();
  for (;;) {
    // A program that was killed may leave a broken pipe; what came is what there is.
    const line = await lines.next().catch(() => undefined);
    if (line === undefined || line.done === true) return;
    const record = parse(line.value);
    if (record !== undefined) received(record);
  }
}

/** A program that is killed may cut its last line, and one that is watched may write to our descriptor. */
function parse(line: string): WatchRecord | undefined {
  try {
    const value = JSON.parse(line) as Partial<WatchRecord> | null;
    return Object.hasOwn(TYPES, value?.type ?? "") ? (value as WatchRecord) : undefined;
  } catch {
    return undefined;
  }
}
