/**
 * A worker that cannot find its initializer or finalizer is told to start again, with another way to it: nothing of it has run.
 */
import type { Failure } from "../travel/resend.ts";
import type { StartPart, ToWorker } from "../wire/messages.ts";
import type { WorkerSetup } from "./worker-setup.ts";

/** @throws what the start fails with, when there is no other way */
export type StartAgain = (part: StartPart, failure: Failure) => void;

// Each time something is learnt: that a module cannot be imported. Arbitrary; workers that learn by turns must end some time.
const MOST_STARTS = 10;

export function startAgain(setup: WorkerSetup, post: (message: ToWorker) => void): StartAgain {
  let starts = 1;
  return (part, failure) => {
    if (starts++ === MOST_STARTS) throw failure.error;
    setup.resend(part, failure);
    post(setup.start());
  };
}
