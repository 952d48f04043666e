/**
 * libuv starts its four pool threads with the first job, by whichever thread has one, and they keep that thread's niceness
 * for good: fs, dns, crypto and zlib of the whole process would yield to everybody.
 */
import { stat } from "node:fs";

let started = false;

/** Before the first niced thread. */
export function keepPoolThreadsAtOurNiceness(): void {
  if (started) return;
  started = true;
  stat("/", () => {});
}
