/**
 * Child processes. Calls go over Node's IPC channel; the shared words live in a small file that was unlinked as soon as it was
 * open, so that nothing is left of it however this process ends.
 */
import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import type { Socket } from "node:net";
import { systemClock } from "../core/clock.ts";
import type { Loss } from "../core/errors.ts";
import type { Task } from "../core/task.ts";
import type { WorkerMark } from "../core/worker-mark.ts";
import type { WorkerDriver, WorkerEvents, WorkerLink } from "../dispatch/worker-link.ts";
import { decodeError } from "../wire/error-codec.ts";
import { FrameEncoder } from "../wire/frames.ts";
import { isOurs, open, seal } from "../wire/ipc.ts";
import type { FromWorker, ToWorker } from "../wire/messages.ts";
import { MAIN_FD, type ProcessBoot, REPORT_FD, STACK_FD, WORDS_FD } from "../wire/worker-boot.ts";
import { FILE_WORDS_BYTES, FileWords } from "../wire/file-words.ts";
import { ChildMainCalls } from "./child-main-calls.ts";
import { ChildStacks } from "./child-stacks.ts";
import { heapOptions } from "./heap-options.ts";
import { reportsOutOfMemory } from "./fatal-report.ts";
import { deliver, type Recipients } from "./deliver.ts";
import type { CallsOfWorker } from "./main-calls.ts";
import { passOn } from "./foreign-message.ts";
import { startAgain } from "./start-again.ts";
import { stopTask } from "./stop-task.ts";
import { unlinkedFiles } from "./unlinked-files.ts";
import { processExecArgv } from "./worker-exec-argv.ts";
import { workerFile } from "../core/worker-files.ts";
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
  readonly #child: ChildProcess;
  readonly #encoder: FrameEncoder;
  readonly #reportFd: number;
  readonly #key = process.getBuiltinModule("node:crypto").randomInt(2 ** 47);
  readonly #syncCalls: ChildMainCalls;
  readonly #calls: CallsOfWorker;
  #cause: unknown;
  #gone = false;
  /** Messages that the channel would not take at once. */
  #unwritten = 0;

  constructor(id: number, setup: WorkerSetup, events: WorkerEvents) {
    const start = setup.start();
    const [words, report] = unlinkedFiles(FILE_WORDS_BYTES);
    const fds = { words, report };
    this.words = new FileWords(fds.words);
    this.#reportFd = fds.report;
    this.#encoder = new FrameEncoder(setup.resolve);
    try {
      const { nice, weighed, stacks } = setup;
      const boot = { id, nice, weighed, tsx: undefined, parent: process.pid, key: this.#key, stacks };
      this.#child = forkWorker(boot, fds, setup);
    } catch (error) {
      this.#closeFiles();
      throw error;
    }
    const { mainCalls } = setup;
    this.#syncCalls = new ChildMainCalls(this.#child.stdio[MAIN_FD as 4] as Socket, (call) =>
      this.#calls.handle(call),
    );
    this.#calls = mainCalls.of({
      sharesMemory: false,
      task: (taskId) => events.task(taskId),
      answer: (answer) => (answer.sync ? this.#syncCalls.answer(answer) : this.#post(answer)),
    });
    const stackPipe = this.#child.stdio[STACK_FD as 4];
    if (stackPipe) {
      const stacks = new ChildStacks(stackPipe as Socket);
      this.taskStack = (taskId, withinMs) => stacks.read(taskId, withinMs);
    }
    this.#watch(`offloop (worker ${id})`, {
      events,
      calls: this.#calls,
      startAgain: startAgain(setup, (message) => this.#post(message)),
    });
    try {
      this.#post(start);
    } catch (error) {
      // The initializer's arguments cannot be copied.
      this.kill();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
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
    return this.#child.kill("SIGKILL") || this.#gone;
  }

  /** @throws what the serializer throws */
  #post(message: ToWorker): void {
    // There is no channel to a process that could not be started; "error" tells why.
    if (this.#child.pid === undefined) return;
    // The callback takes the error of a channel that is closed already: "exit" tells about it, and settles the call.
    this.#child.send(seal(message, this.#key), undefined, {}, () => this.#unwritten--);
    this.#unwritten++;
  }

  #watch(where: string, recipients: Recipients): void {
    const { events } = recipients;
    const child = this.#child;
    child.unref();
    child.channel?.unref();
    child.on("message", (sealed) => {
      if (!isOurs(sealed, this.#key)) return passOn(sealed);
      const message = open<FromWorker>(sealed, (cause) =>
        events.unreadable({ direction: "result", cause, calls: sealed.calls }),
      );
      if (message !== undefined && "type" in message && message.type === "crashed") {
        this.#cause = decodeError(message.error, { where, findClass: () => undefined });
      }
      return message === undefined ? undefined : deliver(message, recipients, where);
    });
    // Not once: a child that may not be killed says so each time.
    child.on("error", (error) => {
      // Never started: there will be no "exit".
      if (child.pid === undefined) {
        this.#ended({ exitCode: null, signal: null, oom: false, cause: error }, events);
      }
    });
    // Without its channel a child can do nothing for us. An orderly one ends by itself.
    child.once("disconnect", () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.once(
        "exit",
        systemClock.after(LAST_MESSAGES_MS, () => void child.kill("SIGKILL")),
      );
    });
    // "close" would wait for grandchildren that hold the output.
    child.once("exit", (exitCode, signal) =>
      this.#afterLastMessage(() => {
        const cause = this.#cause;
        const oom = signal !== null && reportsOutOfMemory(this.#reportFd);
        this.#ended({ exitCode, signal, oom, ...(cause !== undefined && { cause }) }, events);
      }),
    );
  }

  /** What the child sent last may be read after its exit is told. */
  #afterLastMessage(done: () => void): void {
    if (!this.#child.connected) return done();
    // A grandchild that has inherited the channel keeps it open for as long as it lives.
    const stopTimer = systemClock.after(LAST_MESSAGES_MS, done);
    this.#child.once("disconnect", () => {
      stopTimer();
      done();
    });
  }

  #ended(loss: Loss, events: WorkerEvents): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#calls.gone();
    this.#syncCalls.close();
    events.gone(loss);
    this.#closeFiles();
  }

  #closeFiles(): void {
    this.words.close();
    closeSync(this.#reportFd);
  }
}

interface Descriptors {
  readonly words: number;
  readonly report: number;
}

// What is in the pipe is read within a turn of the event loop; a second is far more.
const LAST_MESSAGES_MS = 1_000;

/** A child's stdout and stderr, as descriptors of this process. */
const OUTPUT = { inherit: [1, 2], ignore: ["ignore", "ignore"], stderr: [2, 2] } as const;

/** @throws what `fork` throws */
function forkWorker(
  boot: ProcessBoot,
  fds: Descriptors,
  { env, execArgv, resourceLimits, stdio: output, stacks }: WorkerSetup,
): ChildProcess {
  const [out, err] = OUTPUT[output];
  const stdio: ("ignore" | "ipc" | "pipe" | "overlapped" | number)[] = ["ignore", out, err, "ipc"];
  stdio[WORDS_FD] = fds.words;
  stdio[REPORT_FD] = fds.report;
  stdio[MAIN_FD] = "pipe";
  if (stacks) stdio[STACK_FD] = "overlapped";
  const mark: WorkerMark = { offloop: { id: boot.id, kind: "process" } };
  const args = [JSON.stringify({ ...boot, ...mark }), ...process.argv.slice(2)];
  const { fork } = process.getBuiltinModule("node:child_process");
  return fork(workerFile("process.js"), args, {
    serialization: "advanced",
    stdio,
    execArgv: [...processExecArgv(execArgv), ...heapOptions(resourceLimits)],
    ...(env !== undefined && { env }),
  });
}
