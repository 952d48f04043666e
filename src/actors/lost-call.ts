/**
 * What a call that its worker took along rejects with.
 */
import { type Loss, WorkerLostError } from "../core/errors.ts";
import type { CallFate } from "../wire/call-counts.ts";

/** A call that a worker has, or would have got. */
export interface HeldCall {
  readonly name: string;
  /** While the loss is told. */
  readonly fate: () => CallFate;
}

/** Who waited for its turn lost nothing: there is no phase for that, but it was begun 0 times. */
export function lostCall(call: HeldCall, workerId: number, loss: Loss): WorkerLostError {
  const fate = call.fate();
  const [phase, attempts] = fate === "waiting" ? (["unknown", 0] as const) : ([fate, 1] as const);
  return new WorkerLostError({ task: call.name, workerId, loss, phase, attempts });
}
