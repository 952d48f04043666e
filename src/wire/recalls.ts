/**
 * Who runs a call, where two sides share words but cannot exchange one atomically (a file of two processes). Pure functions over a few
 * cells, each of which only one side writes; test/interleavings/ runs every interleaving of them, one load or store at a time.
 *
 * | cell                | holds                                                             | written by |
 * | ------------------- | ----------------------------------------------------------------- | ---------- |
 * | `claimed`           | the number behind the last call that the worker wants to begin    | worker     |
 * | `recalled`          | main takes back what has not begun before this number             | main       |
 * | `takenFrom`, `takenEnd` | its decision: these calls are main's again                    | main       |
 *
 * Each side writes, and then reads what the other has written, so at least one of them sees the other (Dekker). POSIX promises
 * that for a file: a read that begins after a write has returned sees it.
 *
 * 1. The worker writes `claimed`, then reads `recalled`. A call that is not before that is its own: main will see the claim.
 * 2. Main writes `recalled`, then reads `claimed`. What was not claimed is main's: the worker will see the recall.
 * 3. Both saw each other: the worker cannot know whether its claim came first. Main can, says so in `takenFrom` and `takenEnd`, and the
 *    worker waits for that. Main never waits: it decides in three system calls, whatever the worker does.
 *
 * The next `recalled` may come before the worker has passed over all that was taken before. Main remembers that, and takes both
 * together: a claim in there is one that will not be.
 */
import { isBefore } from "./claims.ts";

/** Numbers of calls: from the first to before the end. */
export interface Taken {
  readonly from: number;
  readonly end: number;
}

/** More than may be in flight. What is farther away is from before the numbers came round. */
const NEAR = 1 << 16;

/** Worker, after it has claimed the call. Undefined: main is about to decide. */
export function isMine(seq: number, recalled: number, taken: Taken): boolean | undefined {
  const ahead = (recalled - seq) | 0;
  if (ahead <= 0 || ahead > NEAR) return true;
  return taken.end === recalled ? isBefore(seq, taken.from) : undefined;
}

/** Main: up to where calls have begun or were taken back. `taken`: what was last. */
export function begunTo(claimed: number, taken: Taken): number {
  return isIn(claimed, taken) ? taken.end : claimed;
}

/** Main, after it has written `recalled`: its decision. `claimed`: as read after that. */
export function decide(claimed: number, taken: Taken, recalled: number): Taken {
  return { from: isIn(claimed, taken) ? taken.from : claimed, end: recalled };
}

/** The last call before what was taken may still run; so nothing behind it has begun. */
function isIn(claimed: number, { from, end }: Taken): boolean {
  return !isBefore(claimed, from) && !isBefore(end, claimed);
}
