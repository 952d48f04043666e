/**
 * Child processes. Calls go over Node's IPC channel; the shared words live in a small file that was unlinked as soon as it was
 * open, so that nothing is left of it however this process ends.
 */
import type { Task } from "../core/task.ts";
import type { WorkerDriver, WorkerEvents, WorkerLink } from "../dispatch/worker-link.ts";
import { decodeError } from "../wire/error-codec.ts";
import { FrameEncoder } from "../wire/frames.ts";
import { isOurs, open, seal } from "../wire/ipc.ts";
import type { FromWorker, ToWorker } from "../wire/messages.ts";
import { MAIN_FD, STACK_FD } from "../wire/worker-boot.ts";
import { FILE_WORDS_BYTES, FileWords } from "../wire/file-words.ts";
import { ChildMainCalls } from "./child-main-calls.ts";
import { ChildStacks } from "./child-stacks.ts";
import { deliver, type Recipients } from "./deliver.ts";
import type { CallsOfWorker } from "./main-calls.ts";
import { passOn } from "./foreign-message.ts";
import { startAgain } from "./start-again.ts";
import { stopTask } from "./stop-task.ts";
import { WorkerProcess } from "./worker-process.ts";
import type { WorkerSetup } from "./worker-setup.ts";

/** Fewer than for a thread: what a pipe cannot take at once waits in this process. */
const MOST_IN_FLIGHT = 256;

export function processDriver(setup: WorkerSetup): WorkerDriver {
  // Now, while the program starts, and not in its first call; nor for those that have no processes.
  process.getBuiltinModule("node:child_process");
  process.getBuiltinModule("node:crypto");
  return {
    kind: "process",
    mostInFlight: setup.mostInFlight ?? MOST_IN_FLIGHT,
    start: (workerId, events) => new ProcessLink(workerId, setup, events),
  };
}

class ProcessLink implements WorkerLink {
  readonly threadId = undefined;
  readonly words: FileWords;
  readonly taskStack?: NonNullable<WorkerLink["taskStack"]>;
  readonly #process: WorkerProcess;
  readonly #where: string;
  readonly #encoder: FrameEncoder;
  readonly #key = process.getBuiltinModule("node:crypto").randomInt(2 ** 47);
  readonly #syncCalls: ChildMainCalls;
  readonly #calls: CallsOfWorker;
  readonly #recipients: Recipients;
  /** Messages that the channel would not take at once. */
  #unwritten = 0;

  constructor(id: number, setup: WorkerSetup, events: WorkerEvents) {
    const start = setup.start();
    const { nice, weighed } = setup;
    const boot = {
      id,
      nice,
      weighed,
      tsx: undefined,
      parent: process.pid,
      key: this.#key,
      stacks: setup.stacks,
    };
    this.#where = `offloop (worker ${id})`;
    this.#encoder = new FrameEncoder(setup.resolve);
    this.#process = new WorkerProcess(
      { ...setup, file: "process.js", boot, wordsBytes: FILE_WORDS_BYTES, asksMain: true },
      {
        message: (received) => this.#receive(received),
        gone: (loss) => {
          this.#calls.gone();
          this.#syncCalls.close();
          events.gone(loss);
          this.words.close();
        },
      },
    );
    this.words = new FileWords(this.#process.wordsFd);
    const { child } = this.#process;
    child.unref();
    child.channel?.unref();
    this.#syncCalls = new ChildMainCalls(this.#process.pipe(MAIN_FD), (call) => this.#calls.handle(call));
    this.#calls = setup.mainCalls.of({
      workerId: id,
      sharesMemory: false,
      task: (taskId) => events.task(taskId),
      answer: (answer) => (answer.sync ? this.#syncCalls.answer(answer) : this.#post(answer)),
    });
    const stackPipe = this.#process.pipe(STACK_FD);
    if (stackPipe !== undefined) {
      const stacks = new ChildStacks(stackPipe);
      this.taskStack = (taskId, withinMs) => stacks.read(taskId, withinMs);
    }
    this.#recipients = {
      events,
      calls: this.#calls,
      startAgain: startAgain(setup, (message) => this.#post(message)),
    };
    try {
      this.#post(start);
    } catch (error) {
      // The initializer's arguments cannot be copied.
      this.kill();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#process.child.pid;
  }

  get isCongested(): boolean {
    return this.#unwritten > 0;
  }

  send(tasks: readonly Task<unknown>[], first: number): void {
    const { define, calls } = this.#encoder.encode(tasks, first);
    if (define !== undefined) {
      this.#post(define);
      this.#encoder.defined(define);
    }
    this.words.age(first);
    this.#post(calls);
  }

  stop(taskId: number, reason: unknown): void {
    stopTask({ words: this.words, post: (message) => this.#post(message) }, taskId, reason);
  }

  /** Nothing can be read ahead from a pipe; the words tell whether an answer is on its way. */
  drain(): void {}

  finish(): void {
    this.#post({ type: "finish" });
  }

  kill(): boolean {
    return this.#process.kill();
  }

  /** @throws what the serializer throws */
  #post(message: ToWorker): void {
    // There is no channel to a process that could not be started; "error" tells why.
    if (this.#process.child.pid === undefined) return;
    // The callback takes the error of a channel that is closed already: "exit" tells about it, and settles the call.
    this.#process.child.send(seal(message, this.#key), undefined, {}, () => this.#unwritten--);
    this.#unwritten++;
  }

  #receive(received: unknown): void {
    if (!isOurs(received, this.#key)) return passOn(received);
    const message = open<FromWorker>(received, (cause) =>
      this.#recipients.events.unreadable({ direction: "result", cause, calls: received.calls }),
    );
    if (message === undefined) return;
    if ("type" in message && message.type === "crashed") {
      this.#process.diesOf(decodeError(message.error, { where: this.#where, findClass: () => undefined }));
    }
    deliver(message, this.#recipients, this.#where);
  }
}
