/**
 * The life of an actor.
 *
 * | state | holds | next |
 * | --- | --- | --- |
 * | `starting` | a worker that has not answered yet | `running`; `down` or `failed` when the worker dies or the constructor throws |
 * | `running` | a worker | `down` or `failed` when it dies; `disposing` |
 * | `down` | when the next start may be | `starting` with the next call |
 * | `failed` | why each call rejects | `disposed` |
 * | `disposing` | the worker that disposes of the object | `disposed` |
 * | `disposed` | - | - |
 *
 * A call settles by its answer; by `fail` of its worker when that is gone; by a failed start while it waits for one; by disposal.
 */
import { type StopTimer, systemClock } from "../core/clock.ts";
import { ActorDisposedError, TaskTimeoutError, type WorkerLostError } from "../core/errors.ts";
import type { AnyFunction, FunctionHandle } from "../core/function-handle.ts";
import { holdingTimer } from "../core/holding-timer.ts";
import { resendAs } from "../travel/resend.ts";
import { resolve as resolveClass } from "../travel/resolve.ts";
import { ActorWorker, type ActorWorkerEvents, type NotLoadedThere } from "./actor-worker.ts";
import { runAsCallback } from "./callback-chain.ts";
import type { ChannelEvents } from "./channel.ts";
import { Disposal } from "./disposal.ts";
import { type HeldCall, lostCall } from "./lost-call.ts";
import type { CompleteActorOptions } from "./options.ts";
import { ProcessChannel } from "./process-channel.ts";
import { Restarts } from "./restarts.ts";
import { ThreadChannel } from "./thread-channel.ts";

type State =
  | { readonly kind: "starting"; readonly worker: ActorWorker; readonly stopTimer: () => void }
  | { readonly kind: "running"; readonly worker: ActorWorker }
  | { readonly kind: "down"; readonly dueAtMs: number; stopTimer: (() => void) | undefined }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "disposing"; readonly worker: ActorWorker; readonly disposal: Disposal }
  | { readonly kind: "disposed" };

/** A call that waits for a start. */
interface Waiting {
  begin(worker: ActorWorker): void;
  reject(error: unknown): void;
}

// As often as a call is sent again: each time one more module may be known that workers cannot import.
const MOST_DEFINITIONS = 20;

let workerIds = 0;

export class Actor {
  readonly #Class: AnyFunction;
  readonly #argsOf: () => readonly unknown[];
  readonly #options: CompleteActorOptions;
  #state: State = { kind: "disposed" };
  readonly #waiting: Waiting[] = [];
  readonly #restarts: Restarts;

  /** `argsOf`: for each start. */
  constructor(Class: AnyFunction, argsOf: () => readonly unknown[], options: CompleteActorOptions) {
    this.#Class = Class;
    this.#argsOf = argsOf;
    this.#options = options;
    this.#restarts = new Restarts(options);
  }

  get state(): State["kind"] {
    return this.#state.kind;
  }

  /** The first start, with the names of the methods. @throws TravelError, SerializationError; what starting a worker throws */
  async spawn(): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      this.#start({
        ready: resolve,
        failed: (error) => {
          this.#state = { kind: "disposed" };
          reject(error);
        },
      });
    });
  }

  call(method: string, args: readonly unknown[]): Promise<unknown> {
    const state = this.#state;
    switch (state.kind) {
      case "running":
        return state.worker.call(method, args);
      case "failed":
        return Promise.reject(state.error);
      case "disposing":
      case "disposed":
        return Promise.reject(new ActorDisposedError(`${this.#options.name}.${method}`));
      case "down":
        state.stopTimer ??= this.#untilDue(state.dueAtMs, () => this.#startAgain());
        return this.#wait(method, args);
      case "starting":
        return this.#wait(method, args);
    }
  }

  dispose(timeoutMs: number): Promise<void> {
    const state = this.#state;
    if (state.kind === "running") return this.#disposeOf(state.worker, timeoutMs);
    if (state.kind === "disposing") return state.disposal.within(timeoutMs);
    if (state.kind === "starting" || state.kind === "down") state.stopTimer?.();
    this.#state = { kind: "disposed" };
    if (state.kind === "starting") state.worker.kill();
    for (const { reject } of this.#waiting.splice(0)) reject(new ActorDisposedError(this.#options.name));
    return Promise.resolve();
  }

  #wait(method: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // In no chain: the call that waited for this one's callback has died.
      const begin = (worker: ActorWorker): void =>
        resolve(runAsCallback([], () => worker.call(method, args)));
      this.#waiting.push({ begin, reject });
    });
  }

  #startAgain(): void {
    this.#start({
      ready: () => {
        const { worker } = this.#state as Extract<State, { kind: "running" }>;
        for (const { begin } of this.#waiting.splice(0)) begin(worker);
      },
      failed: (error) => {
        this.#crashed(error);
        for (const { reject } of this.#waiting.splice(0)) reject(error);
      },
    });
  }

  #start(outcome: { ready(methods: readonly string[]): void; failed(error: unknown): void }): void {
    let worker: ActorWorker | undefined;
    let handle: FunctionHandle;
    let definitions = 1;
    const isStarting = (): boolean => this.#state.kind === "starting" && this.#state.worker === worker;
    const failed = (error: unknown): void => {
      if (this.#state.kind === "starting") this.#state.stopTimer();
      worker?.kill();
      outcome.failed(error);
    };
    try {
      handle = resolveClass(this.#Class, this.#options.travel);
      const { clock, name, startTimeoutMs } = this.#options;
      worker = this.#newWorker({
        ready: (methods) => {
          if (!isStarting()) return;
          (this.#state as Extract<State, { kind: "starting" }>).stopTimer();
          this.#state = { kind: "running", worker: worker! };
          outcome.ready(methods);
        },
        failed: (error, notLoaded) => {
          if (!isStarting()) return;
          try {
            if (notLoaded === undefined || definitions++ === MOST_DEFINITIONS) throw error;
            handle = this.#elsewise(handle, error, notLoaded);
            worker!.start(handle);
          } catch (failure) {
            failed(failure);
          }
        },
        gone: (error) => {
          if (isStarting()) failed(error);
        },
      });
      const stopTimer = clock.after(startTimeoutMs, () => {
        if (isStarting()) failed(new TaskTimeoutError(`new ${name}()`, startTimeoutMs, "running"));
      });
      this.#state = { kind: "starting", worker, stopTimer };
      worker.give(this.#argsOf());
      worker.start(handle);
    } catch (error) {
      failed(error);
    }
  }

  #elsewise(handle: FunctionHandle, error: unknown, { module }: NotLoadedThere): FunctionHandle {
    const { travel } = this.#options;
    const sent = { handle, args: [], options: travel === undefined ? {} : { travel } };
    return resendAs(sent, { functionId: handle.id, module, error });
  }

  #newWorker(
    start: Pick<ActorWorkerEvents, "ready" | "failed"> & { gone(error: unknown): void },
  ): ActorWorker {
    const id = ++workerIds;
    const { executor, name } = this.#options;
    const open = (events: ChannelEvents) =>
      new (executor === "thread" ? ThreadChannel : ProcessChannel)(id, this.#options, events);
    const worker: ActorWorker = new ActorWorker(
      { actor: this, Class: this.#Class, name, open },
      {
        ready: start.ready,
        failed: start.failed,
        answered: () => this.#restarts.answered(),
        disposed: (failure) => {
          if (this.#state.kind === "disposing") this.#state.disposal.objectEnded(failure);
        },
        gone: (loss) => {
          const lost = (call: HeldCall): WorkerLostError => lostCall(call, id, loss);
          start.gone(lost(worker.construction));
          this.#gone(worker, lost);
        },
      },
    );
    return worker;
  }

  #gone(worker: ActorWorker, lost: (call: HeldCall) => WorkerLostError): void {
    const state = this.#state;
    if (state.kind === "running" && state.worker === worker) {
      this.#crashed(lost({ name: this.#options.name, fate: () => "waiting" }));
    }
    // After the state: who calls again because of it finds what is.
    worker.fail(lost);
    // One before it may have taken its time to go.
    if (state.kind !== "disposing" || state.worker !== worker) return;
    this.#state = { kind: "disposed" };
    state.disposal.workerEnded(() => lost(worker.disposal));
  }

  #crashed(error: unknown): void {
    const dueAtMs = this.#restarts.crashed();
    this.#state =
      dueAtMs === undefined ? { kind: "failed", error } : { kind: "down", dueAtMs, stopTimer: undefined };
  }

  #disposeOf(worker: ActorWorker, timeoutMs: number): Promise<void> {
    const { clock } = this.#options;
    const disposal = new Disposal(clock, () => {
      this.#state = { kind: "disposed" };
      worker.fail((call) => new ActorDisposedError(call.name, true));
      worker.kill();
    });
    this.#state = { kind: "disposing", worker, disposal };
    worker.dispose();
    return disposal.within(timeoutMs);
  }

  /** Somebody waits for it, so it holds the process, as the system's clock by itself does not. */
  #untilDue(dueAtMs: number, then: () => void): StopTimer {
    const { clock } = this.#options;
    const delayMs = Math.max(0, dueAtMs - clock.now());
    return holdingTimer(clock === systemClock ? undefined : clock, delayMs, then);
  }
}
