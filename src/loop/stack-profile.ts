/**
 * From the samples of one stall to its stack, its hot lines and its culprit. Kept as counts, so that a stall that lasts for
 * hours takes no more memory than a short one.
 *
 * The culprit is the innermost function of the user that is in the largest part of the samples; of a dependency, if no function of
 * the user was seen. What it calls more than now and then is below it, and where several functions share the time it is the one
 * that calls them.
 */
import type { StackFrame } from "../core/errors.ts";
import { ANONYMOUS, isJustEntered, type Owner, ownerOf, type RawFrame } from "../inspect/frames.ts";
import type { Culprit, HotFrame, StackSeen } from "./stall.ts";

/** Where a frame was written, which is elsewhere when a compiler made the code. */
export type Locate = (frame: RawFrame) => StackFrame;

interface Place {
  readonly frame: StackFrame;
  weightMs: number;
  total: number;
  self: number;
}

interface FunctionSeen {
  readonly owner: Owner;
  readonly places: Map<string, Place>;
  /** For a callback that a builtin called: who called the builtin. */
  caller: FunctionSeen | undefined;
  /** Of its samples. */
  weightMs: number;
  count: number;
  /** Sum over the samples of how far from the top it was. */
  depth: number;
  readonly nativeCalls: Map<string, number>;
}

/** More stacks than that are not told apart. Arbitrary: a stall has a handful. */
const MOST_STACKS = 500;
const MOST_HOT = 10;
// A function with four fifths of its caller's time is where to look. Lower would name a helper of the culprit.
const AS_GOOD = 0.8;

export class StackProfile {
  readonly #locate: Locate;
  readonly #offloopRoot: string;
  readonly #functions = new Map<string, FunctionSeen>();
  readonly #stacks = new Map<string, { readonly stack: StackFrame[]; weightMs: number }>();
  samples = 0;
  #weightMs = 0;

  constructor(locate: Locate, offloopRoot: string) {
    this.#locate = locate;
    this.#offloopRoot = offloopRoot;
  }

  /**
   * `weightMs`: the time that the sample stands for, which is more than usual for one that a native call held up.
   * `answeredLate`: after the native call that the stack is asked about, so functions entered since then are none of it. */
  add(raw: readonly RawFrame[], answeredLate: boolean, weightMs: number): void {
    const owned = raw
      .map((frame) => ({ raw: frame, owner: ownerOf(frame, this.#offloopRoot) }))
      .filter(({ owner }) => owner !== "offloop");
    // Also what a builtin does on top: it may be the next one, and which one blocked is then not known.
    const isLater = ({ raw: frame, owner }: (typeof owned)[number]): boolean =>
      owner === "builtin" || isJustEntered(frame);
    const frames = answeredLate ? owned.slice(owned.findIndex((frame) => !isLater(frame))) : owned;
    if (answeredLate && owned.every(isLater)) return;
    if (frames.length === 0) return;
    this.samples++;
    this.#weightMs += weightMs;
    const stack = frames.map((frame) => ({ ...frame, frame: this.#placeOf(frame.raw) }));
    this.#addStack(
      stack.map(({ frame }) => frame),
      weightMs,
    );
    this.#addFunctions(
      stack.filter(({ raw: { 6: isAsync } }) => !isAsync),
      weightMs,
    );
  }

  /** A wrapper of `syncCalls` stands for the function that it calls, not for where it is. */
  #placeOf(raw: RawFrame): StackFrame {
    const [name, file] = raw;
    if (file.startsWith(this.#offloopRoot)) return { function: name, file: "", line: 0, column: 0 };
    return this.#locate(raw);
  }

  #addStack(stack: StackFrame[], weightMs: number): void {
    const key = stack.map((frame) => keyOf(frame)).join("\n");
    const seen = this.#stacks.get(key);
    if (seen !== undefined) seen.weightMs += weightMs;
    else if (this.#stacks.size < MOST_STACKS) this.#stacks.set(key, { stack, weightMs });
  }

  #addFunctions(
    stack: readonly { raw: RawFrame; owner: Owner; frame: StackFrame }[],
    weightMs: number,
  ): void {
    const counted = new Set<FunctionSeen>();
    let inner: FunctionSeen | undefined;
    let viaBuiltin = false;
    let native: string | undefined;
    stack.forEach(({ raw, owner, frame }, depth) => {
      if (!isUsers(owner)) {
        // A getter of Node's is where a loop was interrupted, not what it waits for.
        if (!raw[0].startsWith("get ")) native = raw[0];
        viaBuiltin = inner !== undefined && owner === "builtin";
        return;
      }
      const seen = this.#function(raw, owner);
      const place = placeIn(seen, frame);
      if (!counted.has(seen)) {
        counted.add(seen);
        seen.count++;
        seen.weightMs += weightMs;
        seen.depth += depth;
        place.total++;
        place.weightMs += weightMs;
        if (depth === 0 || inner === undefined) place.self++;
        if (native !== undefined && inner === undefined) add(seen.nativeCalls, native, weightMs);
      }
      if (viaBuiltin && inner !== undefined && inner !== seen) inner.caller ??= seen;
      inner = seen;
      viaBuiltin = false;
      native = undefined;
    });
  }

  #function(raw: RawFrame, owner: Owner): FunctionSeen {
    const key = `${raw[0]}\n${raw[1]}\n${raw[4]}:${raw[5]}`;
    let seen = this.#functions.get(key);
    if (seen === undefined) {
      seen = {
        owner,
        places: new Map(),
        caller: undefined,
        weightMs: 0,
        count: 0,
        depth: 0,
        nativeCalls: new Map(),
      };
      this.#functions.set(key, seen);
    }
    return seen;
  }

  culprit(): Culprit | undefined {
    const all = [...this.#functions.values()];
    const ofUser = all.filter(({ owner }) => owner === "user");
    const candidates = ofUser.length > 0 ? ofUser : all;
    const most = Math.max(...candidates.map(({ weightMs }) => weightMs));
    const deepest = candidates
      .filter(({ weightMs }) => weightMs >= most * AS_GOOD)
      .toSorted((a, b) => a.depth / a.count - b.depth / b.count)[0];
    if (deepest === undefined) return undefined;
    // A comparator without a name says less than the function that sorts.
    const isNameless = [...deepest.places.values()].every(({ frame }) => frame.function === ANONYMOUS);
    const chosen = isNameless && deepest.caller?.owner === deepest.owner ? deepest.caller : deepest;
    const { frame } = [...chosen.places.values()].toSorted((a, b) => b.weightMs - a.weightMs)[0]!;
    const nativeCall = mostOften(chosen.nativeCalls);
    // Of a native call that is in the minority it would say the wrong thing.
    const isNative = nativeCall !== undefined && nativeCall[1] >= chosen.weightMs * 0.5;
    return {
      ...frame,
      share: Math.min(1, chosen.weightMs / this.#weightMs),
      ...(isNative && { nativeCall: nativeCall[0] }),
    };
  }

  stack(): StackFrame[] {
    return [...(this.stacks(1)[0]?.stack ?? [])];
  }

  /** Those with the most time, at most so many. */
  stacks(most: number): StackSeen[] {
    return [...this.#stacks.values()]
      .toSorted((a, b) => b.weightMs - a.weightMs)
      .slice(0, most)
      .map(({ stack, weightMs }) => ({ stack, ms: weightMs }));
  }

  hot(): HotFrame[] {
    return [...this.#functions.values()]
      .flatMap(({ places }) => [...places.values()])
      .toSorted((a, b) => b.self - a.self || b.total - a.total)
      .slice(0, MOST_HOT)
      .map(({ frame, self, total }) => ({ frame, self, total }));
  }
}

function isUsers(owner: Owner): boolean {
  return owner === "user" || owner === "dependency";
}

function placeIn({ places }: FunctionSeen, frame: StackFrame): Place {
  const key = keyOf(frame);
  let place = places.get(key);
  if (place === undefined) {
    place = { frame, weightMs: 0, total: 0, self: 0 };
    places.set(key, place);
  }
  return place;
}

function keyOf(frame: StackFrame): string {
  return `${frame.function}\n${frame.file}:${frame.line}`;
}

function add(weights: Map<string, number>, name: string, weightMs: number): void {
  weights.set(name, (weights.get(name) ?? 0) + weightMs);
}

function mostOften(weights: ReadonlyMap<string, number>): [string, number] | undefined {
  return [...weights].toSorted(([, a], [, b]) => b - a)[0];
}
