/**
 * Keeps account of every call: that it settled, how, and whether it may have.
 */
import { isDeepStrictEqual } from "node:util";
import { ExecutorClosedError, SerializationError, TaskTimeoutError, WorkerLostError } from "offloop";
import type { Call, Outcome } from "./calls.ts";

/** What was done to a pool, which any of its calls may show. */
export interface Disturbed {
  /** Workers died of something else than the call. */
  readonly deaths: boolean;
  readonly cancelled: ReadonlySet<number>;
  readonly closed: boolean;
}

export interface Settled {
  fulfilled: number;
  rejected: number;
  cancelled: number;
  timedOut: number;
  lost: number;
}

type Result = PromiseSettledResult<unknown>;

export class Account {
  readonly settled: Settled = { fulfilled: 0, rejected: 0, cancelled: 0, timedOut: 0, lost: 0 };
  unaccounted = 0;
  /** The first of them, in words. */
  readonly complaints: string[] = [];

  settle(call: Call, result: Result, disturbed: Disturbed): void {
    const outcome = outcomeOf(call, result);
    this.#count(call, result);
    if (outcome !== undefined && isAllowed(call, result, outcome, disturbed)) return;
    this.unaccounted++;
    this.complain(`call ${call.n} (${call.what}) settled as ${call.task.state} with ${text(result)}`);
  }

  complain(complaint: string): void {
    if (this.complaints.length < 20) this.complaints.push(complaint);
  }

  #count({ task }: Call, result: Result): void {
    const reason: unknown = result.status === "rejected" ? result.reason : undefined;
    if (reason instanceof TaskTimeoutError) this.settled.timedOut++;
    else if (reason instanceof WorkerLostError) this.settled.lost++;
    else this.settled[task.state as "fulfilled" | "rejected" | "cancelled"]++;
  }
}

function outcomeOf({ task, expected }: Call, result: Result): Outcome | undefined {
  if (result.status === "fulfilled") {
    return task.state === "fulfilled" && isDeepStrictEqual(result.value, expected) ? "value" : undefined;
  }
  const reason: unknown = result.reason;
  if (task.state === "cancelled") return "cancelled";
  if (task.state !== "rejected") return undefined;
  if (reason instanceof TaskTimeoutError) return "timedOut";
  if (reason instanceof WorkerLostError) return "lost";
  if (reason instanceof SerializationError) return "uncopied";
  const isOwn = reason instanceof RangeError && (reason as { n?: unknown }).n === expected;
  return isOwn ? "thrown" : undefined;
}

function isAllowed(call: Call, result: Result, outcome: Outcome, disturbed: Disturbed): boolean {
  if (call.allowed.includes(outcome)) return true;
  if (outcome === "cancelled") {
    const isClosed = (result as PromiseRejectedResult).reason instanceof ExecutorClosedError;
    return isClosed ? disturbed.closed : disturbed.cancelled.has(call.n);
  }
  // Its worker was killed while it ran, or before the answer arrived.
  return outcome === "lost" && disturbed.deaths;
}

function text(result: Result): string {
  return result.status === "fulfilled" ? "another value" : String(result.reason);
}
