/**
 * Threads, carried by piscina (the only file that imports it). Each thread has a Piscina of its own, with room for one: so a
 * worker's death, a failed start and a kill concern nobody else, and a message needs no routing.
 *
 * What piscina runs is a *visit* (workers/thread.ts): it keeps the worker in its answering loop and this process alive while
 * calls come. Calls themselves go over our own port, with a shared word that wakes the thread. A visit ends after 20 ms of
 * quiet; the next call opens another.
 *
 * Ending a thread is `destroy()`, which settles at once: waiting for the thread's exit would wait for the native call that
 * it may hang in (piscina frees a slot only at "exit"; 3.9 s measured against 2 ms).
 */
import { stat } from "node:fs";
import { MessageChannel, type MessagePort, type Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import type { Loss } from "../core/errors.ts";
import type { Task } from "../core/task.ts";
import type { WorkerDriver, WorkerEvents, WorkerLink } from "../dispatch/worker-link.ts";
import { encodeError } from "../wire/error-codec.ts";
import { FrameEncoder } from "../wire/frames.ts";
import { type FromWorker, RESULT_STRIDE, type ToWorker } from "../wire/messages.ts";
import type { ThreadBoot } from "../wire/worker-boot.ts";
import { readPort } from "../wire/read-port.ts";
import { SharedWords } from "../wire/words.ts";
import { deliver } from "./deliver.ts";
import { tsxForThreads } from "./tsx-hooks.ts";
import { threadExecArgv } from "./worker-exec-argv.ts";
import { workerFile } from "./worker-files.ts";
import type { WorkerSetup } from "./worker-setup.ts";

export function threadDriver(setup: WorkerSetup): WorkerDriver {
  return {
    kind: "thread",
    start(workerId, events) {
      if (setup.nice !== undefined && setup.nice > 0) keepPoolThreadsAtOurNiceness();
      return new ThreadLink(workerId, setup, events);
    },
  };
}

let poolStarted = false;

/**
 * libuv starts its four pool threads with the first job, by whichever thread has one, and they keep that thread's niceness
 * for good: fs, dns, crypto and zlib of the whole process would yield to everybody.
 */
function keepPoolThreadsAtOurNiceness(): void {
  if (poolStarted) return;
  poolStarted = true;
  stat("/", () => {});
}

class ThreadLink implements WorkerLink {
  readonly words = new SharedWords();
  readonly pid = undefined;
  readonly threadId: number;
  readonly #piscina: Piscina;
  readonly #port: MessagePort;
  readonly #encoder: FrameEncoder;
  readonly #hasFinalizer: boolean;
  readonly #onMessage: (message: FromWorker) => void;
  #visiting = false;
  #unanswered = 0;
  #ended = false;

  constructor(id: number, setup: WorkerSetup, events: WorkerEvents) {
    const start: ToWorker = { type: "start", ...setup.whole() };
    const { port1, port2 } = new MessageChannel();
    // First of all, because it throws when the initializer's arguments do not clone: then nothing has started.
    port1.postMessage(start);
    this.#port = port1;
    this.#encoder = new FrameEncoder(setup.resolve);
    this.#hasFinalizer = setup.finalizer !== undefined;
    this.#piscina = new Piscina({
      filename: workerFile("thread.cjs"),
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Infinity,
      recordTiming: false,
      // A worker that is not in a visit belongs to its event loop: what a task left there must go on.
      atomics: "disabled",
      ...(process.platform === "win32" && setup.nice !== undefined && { niceIncrement: setup.nice }),
      ...(setup.env !== undefined && { env: setup.env }),
      ...execArgv(setup),
    });
    // A worker's death is told by its own events, below.
    this.#piscina.on("error", () => {});
    this.#onMessage = (message) => {
      if (message.type === "results") this.#unanswered -= message.results.length / RESULT_STRIDE;
      if (message.type === "finished") this.kill();
      deliver(message, events, `offloop (worker ${id})`);
    };
    port1.on("message", this.#onMessage);
    port1.on("messageerror", (error) => events.unreadable(error));
    const boot: ThreadBoot = {
      id,
      nice: setup.nice,
      tsx: tsxForThreads(),
      port: port2,
      words: this.words.buffer,
    };
    this.#visit(boot, [port2]);
    const worker = this.#piscina.threads[0]!;
    this.threadId = worker.threadId;
    this.#watch(worker, events);
    port1.unref();
  }

  send(tasks: readonly Task<unknown>[]): void {
    const { message, transfer, left } = this.#encoder.encode(tasks);
    this.#post(message, transfer);
    left();
    this.#unanswered += tasks.length;
  }

  stop(taskId: number, reason: unknown): void {
    this.words.requestStop(taskId);
    this.#post({ type: "stop", taskId, reason: encodeError(reason) });
  }

  drain(): void {
    for (const message of readPort<FromWorker>(this.#port)) this.#onMessage(message);
  }

  finish(): void {
    if (this.#hasFinalizer) this.#post({ type: "finish" });
    else this.kill();
  }

  kill(): boolean {
    this.#ended = true;
    void this.#piscina.destroy();
    return true;
  }

  /** @throws what structured clone throws */
  #post(message: ToWorker, transfer: readonly object[] = []): void {
    this.#port.postMessage(message, transfer as never);
    this.words.wake();
    if (!this.#visiting) this.#visit(null, []);
  }

  #visit(boot: ThreadBoot | null, transferList: readonly object[]): void {
    // A destroyed Piscina that is asked to run something starts a new thread.
    if (this.#ended) return;
    this.#visiting = true;
    const ended = (): void => {
      this.#visiting = false;
      // A call that came as the visit ended is being run already; another visit holds this process until it is answered.
      if (this.#unanswered > 0) this.#visit(null, []);
    };
    this.#piscina.run(boot, { transferList: transferList as never }).then(ended, () => {});
  }

  #watch(worker: Worker, events: WorkerEvents): void {
    let cause: unknown;
    worker.once("error", (error) => (cause = error));
    worker.once("exit", (exitCode) => {
      this.#ended = true;
      this.drain();
      this.#port.close();
      const oom = (cause as { code?: unknown } | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY";
      const loss: Loss = { exitCode, signal: null, oom, ...(cause !== undefined && { cause }) };
      events.gone(loss);
    });
  }
}

function execArgv({ execArgv: given }: WorkerSetup): { execArgv?: string[] } {
  const options = given ?? threadExecArgv(process.execArgv);
  return options === undefined ? {} : { execArgv: options };
}
