/**
 * V8's CPU profiler, left on and read in slices.
 *
 * To start it costs 30–80 ms, because V8 lists all code that is compiled; to read what it saw, about 0.1 ms for each sample
 * of deep stacks. So it is started once, and read every {@link SLICE_SAMPLES} samples: a profile that begins before the one
 * before it ends finds the profiler running. Only `console.profile` can overlap; `Profiler.start` and `stop` cannot.
 */
import type { InspectorConsole, Session } from "node:inspector";
import type { Clock, StopTimer } from "../core/clock.ts";

/** Of the inspector's protocol: https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile. Times in microseconds. */
export interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    /** From 0. */
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly children?: readonly number[];
}

interface Finished {
  readonly params: { readonly title?: string; readonly profile: Profile };
}

// Deep stacks: 5 ms to read. At the default of 10 ms a sample, twice a second.
const SLICE_SAMPLES = 50;

let titles = 0;

export class CpuSamples {
  readonly #onSlice: (profile: Profile) => void;
  readonly #session: Session;
  readonly #console: InspectorConsole;
  readonly #stopTimer: StopTimer;
  /** Of profiles that are not read yet. */
  readonly #titles = new Set<string>();
  #title: string;

  /** @throws Error where the inspector cannot be used: under the permission model, or in a Node built without it. */
  constructor(samplingIntervalMs: number, clock: Clock, onSlice: (profile: Profile) => void) {
    const inspector = process.getBuiltinModule("node:inspector");
    this.#session = new inspector.Session();
    this.#session.connect();
    this.#console = inspector.console;
    this.#onSlice = onSlice;
    this.#session.on("Profiler.consoleProfileFinished", this.#finished);
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.setSamplingInterval", { interval: Math.round(samplingIntervalMs * 1_000) });
    this.#title = this.#begin();
    this.#stopTimer = this.#sliceEvery(samplingIntervalMs * SLICE_SAMPLES, clock);
  }

  /** What was seen until now goes to `onSlice`, before this returns. */
  cut(): void {
    const ended = this.#title;
    this.#title = this.#begin();
    this.#console.profileEnd(ended);
  }

  /** The last slice, and the end. */
  stop(): void {
    this.#stopTimer();
    this.#console.profileEnd(this.#title);
    this.#session.disconnect();
  }

  #begin(): string {
    const title = `offloop ${++titles}`;
    this.#titles.add(title);
    this.#console.profile(title);
    return title;
  }

  #sliceEvery(ms: number, clock: Clock): StopTimer {
    const next = (): StopTimer =>
      clock.after(ms, () => {
        this.cut();
        stop = next();
      });
    let stop = next();
    return () => stop();
  }

  // What others began arrives, too.
  readonly #finished = ({ params: { title = "", profile } }: Finished): void => {
    if (this.#titles.delete(title)) this.#onSlice(profile);
  };
}
