/**
 * Threads. Calls, results and control go over one port per worker, with a shared word that wakes the thread; what carries
 * the thread itself is the {@link ThreadCarrier}'s.
 */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { StackFrame } from "../core/errors.ts";
import type { Task } from "../core/task.ts";
import type { WorkerDriver, WorkerEvents, WorkerLink } from "../dispatch/worker-link.ts";
import { FrameEncoder } from "../wire/frames.ts";
import type { FromWorker, ToWorker } from "../wire/messages.ts";
import { readPort } from "../wire/read-port.ts";
import { MOST_IN_FLIGHT, SharedWords } from "../wire/words.ts";
import { deliver } from "./deliver.ts";
import { keepPoolThreadsAtOurNiceness } from "./pool-threads.ts";
import { readTaskStack } from "../inspect/read-task-stack.ts";
import { startAgain } from "./start-again.ts";
import { stopTask } from "./stop-task.ts";
import { ThreadCarrier } from "./thread-carrier.ts";
import { tsxForThreads } from "./tsx-hooks.ts";
import type { WorkerSetup } from "./worker-setup.ts";

export function threadDriver(setup: WorkerSetup): WorkerDriver {
  return {
    kind: "thread",
    mostInFlight: setup.mostInFlight ?? MOST_IN_FLIGHT,
    start(workerId, events) {
      if (setup.nice !== undefined && setup.nice > 0) keepPoolThreadsAtOurNiceness();
      return new ThreadLink(workerId, setup, events);
    },
  };
}

class ThreadLink implements WorkerLink {
  readonly words = new SharedWords();
  readonly pid = undefined;
  readonly #carrier: ThreadCarrier;
  readonly #port: MessagePort;
  readonly #encoder: FrameEncoder;
  readonly #onMessage: (message: FromWorker) => void;
  readonly #onUnreadable: (cause: unknown) => void;
  readonly isCongested = false;

  constructor(id: number, setup: WorkerSetup, events: WorkerEvents) {
    const start = setup.start();
    const calls = setup.mainCalls.of({
      workerId: id,
      sharesMemory: true,
      task: (taskId) => events.task(taskId),
      answer: (answer) => this.#post(answer),
    });
    const recipients = { events, calls, startAgain: startAgain(setup, (message) => this.#post(message)) };
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#encoder = new FrameEncoder(setup.resolve);
    this.#onMessage = (message) => {
      if ("type" in message && message.type === "finished") this.kill();
      deliver(message, recipients, `offloop (worker ${id})`);
    };
    this.#onUnreadable = (cause) => events.unreadable({ direction: "result", cause });
    try {
      // Before there is a thread: this throws when the initializer's arguments cannot be copied.
      port1.postMessage(start);
      const boot = {
        id,
        nice: setup.nice,
        weighed: setup.weighed,
        stdio: setup.stdio,
        tsx: tsxForThreads(setup.execArgv),
        port: port2,
        words: this.words.buffer,
      };
      this.#carrier = new ThreadCarrier(setup, boot, {
        exit: (loss) => {
          this.drain();
          calls.gone();
          port1.close();
          // Its own if it ended before it was given that: the end of the other side alone leaves it open.
          port2.close();
          events.gone(loss);
        },
        isWaiting: () => events.hasCalls(),
      });
    } catch (error) {
      calls.gone();
      port1.close();
      port2.close();
      throw error;
    }
    port1.on("message", this.#onMessage);
    port1.on("messageerror", this.#onUnreadable);
    port1.unref();
  }

  get threadId(): number {
    return this.#carrier.threadId;
  }

  send(tasks: readonly Task<unknown>[], first: number): void {
    const { define, calls, transfer } = this.#encoder.encode(tasks, first);
    if (define !== undefined) {
      this.#post(define);
      this.#encoder.defined(define);
    }
    this.#post(calls, transfer);
  }

  stop(taskId: number, reason: unknown): void {
    stopTask({ words: this.words, post: (message) => this.#post(message) }, taskId, reason);
  }

  taskStack(taskId: number, withinMs: number): Promise<StackFrame[] | undefined> {
    return readTaskStack(this.threadId, taskId, withinMs);
  }

  drain(): void {
    for (const message of readPort<FromWorker>(this.#port, this.#onUnreadable)) this.#onMessage(message);
  }

  finish(): void {
    this.#post({ type: "finish" });
  }

  kill(): boolean {
    this.#carrier.end();
    return true;
  }

  /** @throws what structured clone throws */
  #post(message: ToWorker, transfer: readonly object[] = []): void {
    this.#port.postMessage(message, transfer as never);
    this.words.wake();
    this.#carrier.visit();
  }
}
