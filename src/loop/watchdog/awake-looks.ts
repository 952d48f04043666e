/**
 * Whether a blocked thread sleeps or wants to run, seen at each look. On a virtual machine the time that other machines take is in
 * neither of the system's counts, CPU time and run-queue time: a loop that computes all the while looks as if it waited.
 */
import { threadFile } from "./thread-file.ts";

/** Fewer looks tell too little: with four, one that was wrong is a quarter. */
const LEAST_LOOKS = 4;
/** Of ten seconds and more: half of them are dropped, evenly. */
const MOST_LOOKS = 1_000;

export type IsAwake = () => boolean;

export class AwakeLooks {
  readonly #isAwake: IsAwake | undefined;
  #looks: { readonly at: number; readonly isAwake: boolean }[] = [];

  constructor(isAwake: IsAwake | undefined) {
    this.#isAwake = isAwake;
  }

  look(now: number): void {
    if (this.#isAwake === undefined) return;
    this.#looks.push({ at: now, isAwake: this.#isAwake() });
    if (this.#looks.length > MOST_LOOKS) this.#looks = this.#looks.filter((_, index) => index % 2 === 0);
  }

  forget(): void {
    if (this.#looks.length > 0) this.#looks = [];
  }

  /** Part of the looks between these times that found it running or ready to run. Undefined when there were too few. */
  share(from: number, to: number): number | undefined {
    const looks = this.#looks.filter(({ at }) => at >= from && at <= to);
    if (looks.length < LEAST_LOOKS) return undefined;
    return looks.filter(({ isAwake }) => isAwake).length / looks.length;
  }
}

/** From Linux. Undefined where that does not tell. */
export function isAwakeOf(tid: number): IsAwake | undefined {
  const read = threadFile(`/proc/self/task/${tid}/stat`, 128);
  if (read === undefined) return undefined;
  return () => {
    const stat = read();
    // The thread's name is in parentheses, and may have some of its own.
    return stat[stat.lastIndexOf(")") + 2] === "R";
  };
}
