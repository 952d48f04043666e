/**
 * What the watchdog runs on the watched thread, on top of whatever blocks it: `Runtime.evaluate` interrupts JavaScript, and the
 * stack of the call it makes goes on with the blocked one. So it has to leave no trace: no exception, no changed global, and
 * little time (0.3 ms).
 */
import { performance } from "node:perf_hooks";
import type { RawFrame } from "../inspect/frames.ts";
import { nodeMap } from "../inspect/source-maps.ts";
import { stackBelow } from "../inspect/stack-below.ts";
import { loopNow } from "./turn-hook.ts";

/** A sample, as it travels: JSON. */
export interface Sample {
  readonly turn: number;
  /** When it was taken, on the clock of the thread. */
  readonly at: number;
  /** How long the turn had been busy. */
  readonly busyMs: number;
  readonly microtasks: number;
  readonly ticks: number;
  readonly frames: readonly RawFrame[];
  /** Source maps that Node has, of files that no sample had before. */
  readonly maps?: Readonly<Record<string, unknown>>;
}

export interface SamplerHost {
  readonly turn: () => number;
  readonly busyMs: () => number;
  /** Runs `context()` of the monitors. */
  readonly sampled: (turn: number) => void;
  /** The stall still lasts; a record of it, as JSON. */
  readonly blocked: (turn: number, record: string) => void;
}

// `sample()` of the registry's object, then the expression itself.
const EVALUATED = 2;
// Of a core module and of the registry: code in another realm, as test runners use, finds them all the same.
const SAMPLERS = Symbol.for("offloop.samplers");
const FIND = `process.getBuiltinModule("node:perf_hooks").performance[Symbol.for("offloop.samplers")]`;

type Samplers = Record<string, { sample(): string; blocked(turn: number, record: string): void }>;

// Taken at load, before a test can fake them.
const { queueMicrotask } = globalThis;
const { nextTick } = process;
const { stringify } = JSON;

export class Sampler {
  readonly #name = `${process.pid}.${performance.now()}.${Math.random()}`;
  readonly #host: SamplerHost;
  readonly #mapped = new Set<string>();
  #turn = -1;
  #samples = 0;
  #microtasks = 0;
  #ticks = 0;

  constructor(host: SamplerHost) {
    this.#host = host;
    const registry = performance as unknown as Record<symbol, Samplers | undefined>;
    (registry[SAMPLERS] ??= {})[this.#name] = {
      sample: () => this.#sample(),
      blocked: (turn, record) => {
        try {
          host.blocked(turn, record);
        } catch {
          // A listener that throws must not change what the blocked code does.
        }
      },
    };
  }

  /** The expression by which the watchdog finds it. */
  get expression(): string {
    return `${FIND}[${stringify(this.#name)}]`;
  }

  remove(): void {
    const registry = performance as unknown as Record<symbol, Samplers | undefined>;
    delete registry[SAMPLERS]?.[this.#name];
  }

  #sample(): string {
    const turn = this.#host.turn();
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#samples = 0;
    }
    const frames = stackBelow(this.#sampleFunction, EVALUATED);
    // What had come to an end before something was on the stack says nothing of what blocks.
    if (this.#samples === 0) this.#microtasks = this.#ticks = 0;
    const sample: Sample = {
      turn,
      at: loopNow(),
      busyMs: this.#host.busyMs(),
      microtasks: this.#microtasks,
      ticks: this.#ticks,
      frames,
      ...this.#newMaps(frames),
    };
    if (this.#samples > 0 || frames.length > 0) this.#leaveProbes(turn);
    this.#host.sampled(turn);
    return stringify(sample);
  }

  readonly #sampleFunction = this.#sample;

  /** The next samples see which of these ran meanwhile. */
  #leaveProbes(turn: number): void {
    // Only one: it drains, and a loop of ticks would be made longer by each.
    if (this.#samples++ === 0) nextTick(() => void (turn === this.#turn && this.#ticks++));
    queueMicrotask(() => void (turn === this.#turn && this.#microtasks++));
  }

  /** Loaders (tsx) and `--enable-source-maps` leave the maps with Node, in this thread; only the files are on the disk. */
  #newMaps(frames: readonly RawFrame[]): { maps?: Record<string, unknown> } {
    const maps: Record<string, unknown> = {};
    for (const [, file] of frames) {
      if (file === "" || file.startsWith("node:") || this.#mapped.has(file)) continue;
      this.#mapped.add(file);
      const map = nodeMap(file);
      if (map !== undefined) maps[file] = map;
    }
    return Object.keys(maps).length > 0 ? { maps } : {};
  }
}
