/**
 * How long each function ran, summed up over V8's CPU profiles.
 */
import { fileURLToPath } from "node:url";
import type { StackFrame } from "../core/errors.ts";
import type { Profile, ProfileNode } from "./cpu-samples.ts";

/** A function, and how long it ran, in milliseconds: measured in samples, so what is shorter than a few of them is chance. */
export interface FunctionTime extends StackFrame {
  /** In itself. */
  selfMs: number;
  /** In itself and in what it called. */
  totalMs: number;
}

/** What V8 calls the time that is in no function. */
const IDLE = "(idle)";
const GARBAGE_COLLECTION = "(garbage collector)";

export class FunctionTimes {
  readonly #byPlace = new Map<string, FunctionTime>();
  durationMs = 0;
  idleMs = 0;
  garbageCollectionMs = 0;

  add(profile: Profile): void {
    this.durationMs += (profile.endTime - profile.startTime) / 1_000;
    const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
    const selfMs = ownTimes(profile);
    const running = new Set<FunctionTime>();
    const visit = (id: number): number => {
      const node = nodes.get(id)!;
      const own = selfMs.get(id) ?? 0;
      const entry = this.#entry(node, own);
      // A function that called itself is there once.
      const isOutermost = entry !== undefined && !running.has(entry);
      if (isOutermost) running.add(entry);
      const total = (node.children ?? []).reduce((sum, child) => sum + visit(child), own);
      if (isOutermost) {
        running.delete(entry);
        entry.totalMs += total;
      }
      return total;
    };
    visit(profile.nodes[0]!.id);
  }

  /** The functions with the longest times. */
  longest(order: "self" | "total", count: number): FunctionTime[] {
    const key = order === "self" ? "selfMs" : "totalMs";
    return [...this.#byPlace.values()]
      .filter((entry) => entry[key] > 0)
      .sort((one, other) => other[key] - one[key])
      .slice(0, count);
  }

  #entry({ callFrame }: ProfileNode, ownMs: number): FunctionTime | undefined {
    const { functionName, url, lineNumber, columnNumber } = callFrame;
    if (functionName === IDLE) this.idleMs += ownMs;
    if (functionName === GARBAGE_COLLECTION) this.garbageCollectionMs += ownMs;
    if (url === "" && /^\(.*\)$/.test(functionName)) return undefined;
    const place = `${url}:${lineNumber}:${columnNumber}:${functionName}`;
    let entry = this.#byPlace.get(place);
    if (entry === undefined) {
      entry = { ...frameOf(callFrame), selfMs: 0, totalMs: 0 };
      this.#byPlace.set(place, entry);
    }
    entry.selfMs += ownMs;
    return entry;
  }
}

function frameOf({ functionName, url, lineNumber, columnNumber }: ProfileNode["callFrame"]): StackFrame {
  const file = url.startsWith("file:") ? fileURLToPath(url) : url;
  // The code of a module itself has no place.
  if (lineNumber < 0) return { function: functionName || "(top level)", file, line: 1, column: 1 };
  return { function: functionName || "(anonymous)", file, line: lineNumber + 1, column: columnNumber + 1 };
}

/** A sample stands for the time until the next one. The first is of the call that began the profile: it tells nothing. */
function ownTimes({ samples = [], timeDeltas = [], startTime, endTime }: Profile): Map<number, number> {
  const times = new Map<number, number>();
  let at = startTime;
  samples.forEach((id, index) => {
    at += timeDeltas[index]!;
    const lastsUs = timeDeltas[index + 1] ?? endTime - at;
    // V8 does not sort samples that it took late: a delta can be negative.
    const owner = index === 0 ? (samples[1] ?? id) : id;
    times.set(owner, (times.get(owner) ?? 0) + Math.max(0, lastsUs) / 1_000);
  });
  return times;
}
