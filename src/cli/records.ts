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
  readonly threadpoolLag: Distribution | undefined;
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
      readonly threadpoolLag?: Distribution;
    }
  | {
      readonly type: "stacks";
      readonly startedAt: number;
      readonly durationMs: number;
      readonly stacks: readonly StackSeen[];
    }
  | ({ readonly type: "summary" } & Summary);

/** Calls back for each record, in order; resolves at the pipe's end. */
export async function readRecords(pipe: Readable, received: (record: WatchRecord) => void): Promise<void> {
  try {
    for await (const line of createInterface({ input: pipe, crlfDelay: Infinity })) {
      const record = parse(line);
      if (record !== undefined) received(record);
    }
  } catch {
    // A program that was killed may leave a broken pipe; what came is what there is.
  }
}

/** A program that is killed may cut its last line. */
function parse(line: string): WatchRecord | undefined {
  try {
    return JSON.parse(line) as WatchRecord;
  } catch {
    return undefined;
  }
}
