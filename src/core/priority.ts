/**
 * Which of two waiting calls goes first. A call gains one priority for each second that it waits, so nothing starves: one with priority
 * p is overtaken only by calls with a higher priority q that were submitted within (q − p) seconds after it. What is gained is
 * the same for all that wait, so the order of two calls never changes, and a heap can hold them.
 */

/** In which a call gains one priority. */
const AGING_MS = 1_000;

export interface Ranked {
  readonly id: number;
  readonly submittedAt: number;
  readonly options: { readonly priority?: number };
}

/** The moment at which it would have come to wait as long as it seems to: the earlier, the sooner it leaves. */
function rank({ submittedAt, options: { priority = 0 } }: Ranked): number {
  // The largest of numbers would overflow, and two of them could not be compared.
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, submittedAt - priority * AGING_MS));
}

export function goesBefore(call: Ranked, other: Ranked): boolean {
  const ahead = rank(call) - rank(other);
  return ahead < 0 || (ahead === 0 && call.id < other.id);
}
