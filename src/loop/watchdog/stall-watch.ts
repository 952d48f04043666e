/**
 * One blocked turn, sampled while it lasts: an inspector session from when it was noticed to its end, and a sample each
 * `sampleMs`. Only `Runtime.evaluate` is used: `Debugger.enable` would stop a large program for 100 ms, and
 * `Runtime.terminateExecution` ends the process instead of the call.
 */
import { connectToThread, type ThreadSession } from "../../inspect/thread-session.ts";
import type { Probes } from "../cause.ts";
import { sampleSpan, sampleWeight } from "../sample-weight.ts";
import type { Sample } from "../sampler.ts";
import { StackProfile } from "../stack-profile.ts";
import type { SourceMaps } from "../../inspect/source-maps.ts";

const { setTimeout, clearTimeout } = globalThis;

// A turn that lasts gets fewer samples, 200 for each doubling of its time or so: enough for its stack, and no load.
const SAMPLES_OF_A_LONG_STALL = 200;

// Nine of ten samples of a chain of promises fall between two microtasks, where there is no stack. So the first are taken sooner,
// which slows the turn down by a tenth meanwhile.
const ENOUGH_STACKS = 3;
const SOON_MS = 2;
const SOON_WITHIN_MS = 1_000;

export interface StallWatchOptions {
  readonly turn: number;
  readonly threadId: number;
  readonly sampler: string;
  readonly sampleMs: number;
  /** A turn that is busy for less was begun by the sample: the loop had been waiting. */
  readonly idleBelowMs: number;
  readonly maps: SourceMaps;
  readonly offloopRoot: string;
  readonly now: () => number;
  /** Of the watched thread's clock, on ours. */
  readonly origin: number;
  /** For how long the thread has been without the CPU that it wanted. */
  readonly cpuWaitMs: () => number;
  /** The loop was waiting for events, and nothing blocks it. */
  readonly foundIdle: () => void;
}

interface Answered {
  readonly probes: Probes;
  /** How long the turn had been busy when the sample was taken. */
  readonly busyMs: number;
  /** How long what the thread did kept the sample waiting. */
  readonly heldMs: number;
  /** The time that it stands for: since the sample before. */
  readonly spanMs: number;
  /** Of that, what the thread was not without a CPU that it wanted. */
  readonly weightMs: number;
  /** When it was taken. */
  readonly at: number;
  readonly frames: Sample["frames"];
}

export class StallWatch {
  readonly turn: number;
  readonly #options: StallWatchOptions;
  readonly #session: ThreadSession;
  readonly #beganAt: number;
  #answered: Answered[] = [];
  readonly #profile: StackProfile;
  #folded = 0;
  #timer: NodeJS.Timeout | undefined;
  #busyMs: number | undefined;
  #waitedMs: number | undefined;
  #heldMs = 0;
  #stacks = 0;
  #framedFromMs = Infinity;
  #isAsked = false;
  #isClosed = false;
  #settled: (() => void) | undefined;

  /** @throws when there is no inspector. */
  constructor(options: StallWatchOptions) {
    this.turn = options.turn;
    this.#options = options;
    this.#beganAt = options.now();
    this.#profile = new StackProfile((frame) => options.maps.locate(frame), options.offloopRoot);
    this.#session = connectToThread(options.threadId);
    this.#ask();
  }

  /** Samples so far that were answered while the stall lasted, `durationMs` long. */
  live(durationMs: number): Probes[] {
    const counts = (one: Answered): boolean => one.busyMs >= this.#framedFromMs && isLive(one, durationMs);
    return this.#answered.filter(counts).map(({ probes }) => probes);
  }

  /** Whether it was asked what blocks. That there was no stack whenever it answered is no native call. */
  get isSampled(): boolean {
    return this.#answered.length === 0 || this.#stacks > 0;
  }

  /** The longest time that one native call kept a sample waiting. */
  get heldMs(): number {
    return this.#heldMs;
  }

  /** How long the turn is busy, by what it last said itself. */
  busyMs(now: number): number | undefined {
    const last = this.#answered.at(-1);
    return last === undefined ? undefined : last.busyMs + now - last.at;
  }

  /** What the samples say. A sample that came when the stall was over says only where it had been. */
  profile(durationMs: number): StackProfile {
    for (const one of this.#answered.slice(this.#folded)) {
      if (isTooLate(one, durationMs)) continue;
      const isLate = one.heldMs > HELD_MS || !isLive(one, durationMs);
      this.#profile.add(one.frames, isLate, one.weightMs);
    }
    this.#folded = this.#answered.length;
    return this.#profile;
  }

  /** Runs a method of the sampler on the blocked thread. */
  tell(method: string, record: string): void {
    const expression = `${this.#options.sampler}.${method}(${this.turn}, ${JSON.stringify(record)})`;
    this.#session.post("Runtime.evaluate", { expression, silent: true }, () => {});
  }

  /** The answer of a sample that is asked for, when there is one: a native call lets it in as it returns. */
  async settled(withinMs: number): Promise<void> {
    if (!this.#isAsked) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#settled = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#session.disconnect();
  }

  #ask(): void {
    if (this.#isAsked || this.#isClosed) return;
    this.#isAsked = true;
    const askedAt = this.#options.now();
    const waitedMs = this.#options.cpuWaitMs();
    const expression = `${this.#options.sampler}.sample()`;
    this.#session.post(
      "Runtime.evaluate",
      { expression, returnByValue: true, silent: true },
      (error, result) => {
        this.#isAsked = false;
        if (error === null) this.#read(result, askedAt, waitedMs);
        this.#settled?.();
        if (this.#isClosed) return;
        this.#timer = setTimeout(() => this.#ask(), this.#pauseMs());
      },
    );
  }

  #pauseMs(): number {
    const { sampleMs, now } = this.#options;
    const elapsedMs = now() - this.#beganAt;
    const lacksStacks = this.#answered.length > 0 && this.#stacks < ENOUGH_STACKS;
    if (lacksStacks && elapsedMs < SOON_WITHIN_MS) return Math.min(sampleMs, SOON_MS);
    return Math.max(sampleMs, elapsedMs / SAMPLES_OF_A_LONG_STALL);
  }

  #read(result: unknown, askedAt: number, cpuWaitMs: number): void {
    const { value } = (result as { result?: { value?: unknown } }).result ?? {};
    if (typeof value !== "string") return;
    const sample = JSON.parse(value) as Sample;
    for (const [file, map] of Object.entries(sample.maps ?? {})) this.#options.maps.add(file, map);
    // Of the next turn: the stall was over.
    if (sample.turn !== this.turn) return;
    if (sample.frames.length === 0 && sample.busyMs < this.#options.idleBelowMs) {
      return this.#options.foundIdle();
    }
    const isInTicks = sample.frames.some(([name]) => name === "processTicksAndRejections");
    const { microtasks, ticks, busyMs, frames } = sample;
    // Until it was taken, not until it arrived: this thread may have waited for a CPU itself.
    const tookMs = Math.max(0, sample.at + this.#options.origin - askedAt);
    // On a busy machine it is the CPU that it waits for, not the end of a native call.
    const heldMs = Math.max(0, tookMs - (this.#options.cpuWaitMs() - cpuWaitMs));
    this.#heldMs = Math.max(this.#heldMs, heldMs);
    const spanMs = sampleSpan(busyMs, this.#busyMs, tookMs, this.#options.sampleMs);
    const weightMs = sampleWeight(spanMs, this.#options.cpuWaitMs() - (this.#waitedMs ?? cpuWaitMs));
    this.#waitedMs = this.#options.cpuWaitMs();
    this.#busyMs = busyMs;
    const probes = { busyMs, microtasks, ticks, isInTicks };
    // Reads files, so now: at the end of the stall somebody waits for the answer.
    for (const frame of frames) this.#options.maps.locate(frame);
    if (frames.length > 0 && this.#stacks++ === 0) this.#framedFromMs = busyMs;
    this.#answered.push({
      probes,
      busyMs,
      heldMs,
      spanMs,
      weightMs,
      at: sample.at + this.#options.origin,
      frames,
    });
    if (this.#answered.length > MOST_KEPT) this.#thinOut();
  }

  /** Counted ones need not be kept; the classification needs a few, evenly spread. */
  #thinOut(): void {
    this.profile(Infinity);
    this.#answered = this.#answered.filter((_, index) => index % 2 === 0);
    this.#folded = this.#answered.length;
  }
}

const MOST_KEPT = 400;

// Half a millisecond is usual; more than that on a machine with other work.
const PROMPT_MS = 5;
const END_MS = 3;
/** Kept waiting by more than the scheduler, where that does not tell. */
const HELD_MS = 20;

/** All that it stands for is the last tenth: whatever blocked may have returned by then, and nothing says what it was. */
function isTooLate({ busyMs, spanMs }: Answered, durationMs: number): boolean {
  return busyMs - spanMs > durationMs * 0.9;
}

/** Answered at once, or at least well before the end: the thread was running JavaScript. */
function isLive({ heldMs, busyMs }: Answered, durationMs: number): boolean {
  return heldMs < PROMPT_MS || busyMs < durationMs - Math.max(END_MS, durationMs * 0.05);
}
