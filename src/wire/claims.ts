/**
 * Who runs a call: the worker that it was sent to, or main again. Pure functions over a few shared cells; both sides use them,
 * and test/interleavings/ runs every interleaving of them.
 *
 * Each worker's calls are numbered as they are sent, from 0, and begin in that order.
 *
 * | cell      | holds                                                   | moved by                                        |
 * | --------- | ------------------------------------------------------- | ----------------------------------------------- |
 * | `claimed` | the number of the next call that may begin              | the worker, by one, before each call ({@link claim}) |
 * |           |                                                         | main, to the end of what it sent ({@link takeBack}) |
 * | `sent`    | the number behind the last call whose result has left   | the worker, before the result does ({@link leave})  |
 *
 * 1. Only one side gets a call: a claim succeeds only while `claimed` is the call's number, and main's exchange tells which
 *    number it replaced: from there on the calls are main's again, and every later claim of them fails.
 * 2. `sent` moves before the message leaves. Main, about to kill, may believe in a result that then dies with the worker, but
 *    never kills for a call whose result is on its way.
 *
 * Numbers are cut to 32 bits and compared by their distance, which is at most what is in flight.
 */
export interface Cells {
  load(index: number): number;
  store(index: number, value: number): void;
  /** Both return what was there before. */
  compareExchange(index: number, expected: number, value: number): number;
  exchange(index: number, value: number): number;
}

export const CLAIMED = 0;
export const SENT = 1;

/** Worker, before it begins a call. False: main has taken it back. */
export function claim(cells: Cells, seq: number): boolean {
  return cells.compareExchange(CLAIMED, seq, (seq + 1) | 0) === seq;
}

/** Main: takes back every call that has not begun. Returns the number of the first one; `end`, the next to be sent, if there is none. */
export function takeBack(cells: Cells, end: number): number {
  return cells.exchange(CLAIMED, end);
}

/** Worker, before the results of all calls before `end` leave. */
export function leave(cells: Cells, end: number): void {
  cells.store(SENT, end);
}

export function isBefore(seq: number, other: number): boolean {
  return ((seq - other) | 0) < 0;
}

/**
 * How far a worker is with a call that it has and did not answer yet.
 *
 * | progress | meaning                                                          | if the worker dies now    |
 * | -------- | ---------------------------------------------------------------- | ------------------------- |
 * | waiting  | not begun: may be taken back                                     | nothing is lost           |
 * | running  | begun, and no later call has                                     | the call is lost          |
 * | ended    | a later call has begun; the result waits for others to leave with | it is lost, though it ran |
 * | sent     | the result has left                                              | it arrives, or was lost   |
 */
export type Progress = "waiting" | "running" | "ended" | "sent";

/** `next`: the number of the call that was sent after this one and not taken back, if there is one. */
export function progressOf(
  { claimed, sent }: { readonly claimed: number; readonly sent: number },
  seq: number,
  next: number | undefined,
): Progress {
  if (isBefore(seq, sent)) return "sent";
  if (!isBefore(seq, claimed)) return "waiting";
  return next !== undefined && isBefore(next, claimed) ? "ended" : "running";
}
