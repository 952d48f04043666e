/**
 * The thread of an actor. Its own and not one of piscina's: a pool gives calls to whichever worker is free, an actor has one.
 */
import { Worker } from "node:worker_threads";
import type { Loss } from "../core/errors.ts";
import { workerFile } from "../core/worker-files.ts";
import type { WorkerMark } from "../core/worker-mark.ts";
import { keepPoolThreadsAtOurNiceness } from "../pools/pool-threads.ts";
import { terminateUntilGone } from "../pools/terminate.ts";
import { tsxForThreads } from "../pools/tsx-hooks.ts";
import { threadExecArgv } from "../pools/worker-exec-argv.ts";
import type { FromActor, ToActor } from "../wire/actor-messages.ts";
import { type CallFate, SharedCallCounts } from "../wire/call-counts.ts";
import type { ActorThreadBoot } from "../wire/worker-boot.ts";
import type { Channel, ChannelEvents } from "./channel.ts";
import type { ActorOptions } from "./options.ts";
import { discardUnread } from "./unread-output.ts";

export class ThreadChannel implements Channel {
  readonly canMove = true;
  readonly #worker: Worker;
  readonly #counts = new SharedCallCounts();
  #cause: { readonly error: unknown } | undefined;

  /** @throws what starting a thread throws: an option that Node refuses; NotInstalled */
  constructor(id: number, options: ActorOptions, events: ChannelEvents) {
    const { nice, env, resourceLimits } = options;
    if (nice !== undefined && nice > 0) keepPoolThreadsAtOurNiceness();
    const execArgv = threadExecArgv(options.execArgv);
    const tsx = tsxForThreads(options.execArgv);
    const counts = this.#counts.memory;
    const boot: ActorThreadBoot = {
      id,
      nice,
      tsx,
      weighed: false,
      stdio: options.stdio ?? "inherit",
      counts,
    };
    this.#worker = new Worker(workerFile("actor.js"), {
      workerData: { offloop: { id, kind: "thread" }, boot } satisfies WorkerMark & { boot: ActorThreadBoot },
      argv: process.argv.slice(2),
      ...(env !== undefined && { env }),
      ...(execArgv !== undefined && { execArgv }),
      ...(resourceLimits !== undefined && { resourceLimits }),
    });
    this.#worker.on("message", (message: FromActor) => events.message(message));
    // It cannot say which answer it was, so none may be left waiting for it.
    this.#worker.on("messageerror", (error) => this.#end(error));
    this.#worker.on("error", (error: unknown) => (this.#cause ??= { error }));
    discardUnread(this.#worker);
    this.#worker.once("exit", (exitCode) => events.gone(this.#loss(exitCode)));
  }

  post(message: ToActor, transfer: readonly object[]): void {
    this.#worker.postMessage(message, transfer as never);
  }

  hold(holds: boolean): void {
    if (holds) this.#worker.ref();
    else this.#worker.unref();
  }

  kill(): void {
    void this.#worker.terminate();
    terminateUntilGone(this.#worker);
  }

  fateOf(number: number | undefined): CallFate {
    return this.#counts.fateOf(number);
  }

  #end(error: unknown): void {
    this.#cause ??= { error };
    this.kill();
  }

  #loss(exitCode: number): Loss {
    const error = this.#cause?.error;
    const oom = (error as { code?: unknown } | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY";
    return { exitCode, signal: null, oom, ...(this.#cause && { cause: error }) };
  }
}
