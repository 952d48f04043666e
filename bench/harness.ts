/**
 * How things are measured here: subjects take turns, round by round, so that whatever else the machine does meets them all;
 * what counts is the median of the rounds. Ratios mean something, times only on the machine that took them.
 */
import { readFileSync } from "node:fs";

export interface Row {
  readonly case: string;
  readonly subject: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
  readonly ratioTo?: { readonly subject: string; readonly value: number };
}

/** By case, then by subject: a value for each round. */
export type Measured = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
type Samples = Map<string, Map<string, number[]>>;

/** `--quick`: a look at whether it runs. What it prints is no measurement. */
export const isQuick = process.env["OFFLOOP_BENCH_QUICK"] === "1";

/** How much to do. */
export function sized<T>(full: T, quick: T): T {
  return isQuick ? quick : full;
}

/** Each gives its measures of one turn, by case. */
export type Subjects = Readonly<Record<string, () => Promise<Readonly<Record<string, number>>>>>;

/**
 * Runs every subject in each round, in turns of a few milliseconds and in another order each turn: a round of one subject
 * meets what the rounds of the others met. What counts for the round is the mean of its turns. The first rounds are for the
 * engine to warm up and do not count.
 */
export async function interleave(
  subjects: Subjects,
  { rounds, turns = 1, warmUp = 1 }: { rounds: number; turns?: number; warmUp?: number },
): Promise<Measured> {
  const measured: Samples = new Map();
  const [first, last] = isQuick ? [0, 1] : [-warmUp, rounds];
  for (let round = first; round < last; round++) {
    const samples = await takeTurns(subjects, isQuick ? 1 : turns);
    report(`${round < 0 ? "warm-up" : `round ${round + 1} of ${last}`}`);
    if (round < 0) continue;
    for (const [title, of] of samples) {
      for (const [name, values] of of) add(measured, title, name, mean(values));
    }
  }
  report("");
  return measured;
}

async function takeTurns(subjects: Subjects, turns: number): Promise<Samples> {
  const names = Object.keys(subjects);
  const samples: Samples = new Map();
  for (let turn = 0; turn < turns; turn++) {
    for (const name of rotated(names, turn)) {
      const measures = await subjects[name]!();
      for (const [title, value] of Object.entries(measures)) add(samples, title, name, value);
    }
  }
  return samples;
}

/**
 * Rows of each case, in the order of the subjects. `ratioTo`: the subject that the others are compared with, in each round:
 * a round in which the machine was slow was slow for both.
 */
export function rowsOf(measured: Measured, { unit, ratioTo }: { unit: string; ratioTo: string }): Row[] {
  return [...measured].flatMap(([title, subjects]) => {
    const base = subjects.get(ratioTo);
    return [...subjects].map(([subject, values]): Row => ({
      case: title,
      subject,
      unit,
      median: rounded(median(values)),
      min: rounded(Math.min(...values)),
      max: rounded(Math.max(...values)),
      rounds: values.length,
      ...(base !== undefined &&
        subject !== ratioTo && {
          ratioTo: {
            subject: ratioTo,
            value: rounded(median(values.map((value, round) => value / base[round]!))),
          },
        }),
    }));
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Node 24 and newer. */
const { threadCpuUsage } = process as { threadCpuUsage?: () => { user: number; system: number } };

/** What {@link mainThreadMs} counts, for the title of a case. */
export const mainThreadTime =
  threadCpuUsage !== undefined || schedstat() !== undefined
    ? "CPU time of the main thread"
    : "time that the event loop is active";

/** Milliseconds that this thread has worked so far. */
export function mainThreadMs(): number {
  if (threadCpuUsage !== undefined) {
    const { user, system } = threadCpuUsage.call(process);
    return (user + system) / 1_000;
  }
  // Node 20 and 22 cannot ask for one thread; Linux can. Elsewhere a busy machine counts as work.
  return schedstat() ?? performance.eventLoopUtilization().active;
}

function schedstat(): number | undefined {
  try {
    const [onCpu] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
    return Number(onCpu) / 1e6;
  } catch {
    return undefined;
  }
}

function rotated(names: readonly string[], by: number): string[] {
  const first = by % names.length;
  return [...names.slice(first), ...names.slice(0, first)];
}

function add(measured: Samples, title: string, name: string, value: number): void {
  const subjects = measured.get(title) ?? new Map<string, number[]>();
  const values = subjects.get(name) ?? [];
  values.push(value);
  subjects.set(name, values);
  measured.set(title, subjects);
}

/** Three figures: more would be noise. @param {number} value */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function report(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
