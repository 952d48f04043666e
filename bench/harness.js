/**
 * How things are measured here: subjects take turns, round by round, so that whatever else the machine does meets them all;
 * what counts is the median of the rounds. Ratios mean something, times only on the machine that took them.
 */
import { readFileSync } from "node:fs";

/**
 * Runs every subject once a round, in another order each time. The first rounds are for the engine to warm up and do not
 * count.
 *
 * @param {Record<string, () => Promise<Record<string, number>>>} subjects each gives its measures of one round, by case
 * @param {{ rounds: number, warmUp?: number }} options
 * @returns {Promise<Map<string, Map<string, number[]>>>} by case, then by subject: a value for each round
 */
export async function interleave(subjects, { rounds, warmUp = 1 }) {
  const names = Object.keys(subjects);
  /** @type {Map<string, Map<string, number[]>>} */
  const measured = new Map();
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of rotated(names, round + warmUp)) {
      const measures = await subjects[name]();
      if (round < 0) continue;
      for (const [title, value] of Object.entries(measures)) add(measured, title, name, value);
    }
    report(`${round < 0 ? "warm-up" : `round ${round + 1} of ${rounds}`}`);
  }
  report("");
  return measured;
}

/**
 * @param {Map<string, Map<string, number[]>>} measured
 * @param {{ unit: string, ratioTo?: string }} options `ratioTo`: the subject that the others are compared with
 */
export function rowsOf(measured, { unit, ratioTo }) {
  return [...measured].flatMap(([title, subjects]) => {
    const base = ratioTo === undefined ? undefined : subjects.get(ratioTo);
    return [...subjects].map(([subject, values]) => ({
      case: title,
      subject,
      unit,
      median: rounded(median(values)),
      min: rounded(Math.min(...values)),
      max: rounded(Math.max(...values)),
      rounds: values.length,
      ...(base !== undefined &&
        subject !== ratioTo && {
          ratioTo: { subject: ratioTo, value: rounded(median(values) / median(base)) },
        }),
    }));
  });
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** What {@link mainThreadMs} counts, for the title of a case. */
export const mainThreadTime =
  typeof process.threadCpuUsage === "function" || schedstat() !== undefined
    ? "CPU time of the main thread"
    : "time that the event loop is active";

/** Milliseconds that this thread has worked so far. */
export function mainThreadMs() {
  if (typeof process.threadCpuUsage === "function") {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  }
  // Node 20 and 22 cannot ask for one thread; Linux can. Elsewhere a busy machine counts as work.
  return schedstat() ?? performance.eventLoopUtilization().active;
}

function schedstat() {
  try {
    const [onCpu] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
    return Number(onCpu) / 1e6;
  } catch {
    return undefined;
  }
}

/** @param {readonly string[]} names @param {number} by */
function rotated(names, by) {
  const first = by % names.length;
  return [...names.slice(first), ...names.slice(0, first)];
}

/** @param {Map<string, Map<string, number[]>>} measured @param {string} title @param {string} name @param {number} value */
function add(measured, title, name, value) {
  const subjects = measured.get(title) ?? new Map();
  const values = subjects.get(name) ?? [];
  values.push(value);
  subjects.set(name, values);
  measured.set(title, subjects);
}

/** Three figures: more would be noise. @param {number} value */
function rounded(value) {
  return Number(value.toPrecision(3));
}

/** @param {string} text */
function report(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
