/**
 * A child process of ours from its start to its end, whatever it does: which descriptors it inherits, how it ended, and that its end is told
 * once, after all that it had sent.
 */
import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import type { Socket } from "node:net";
import { systemClock } from "../core/clock.ts";
import type { Loss } from "../core/errors.ts";
import type { ResourceLimits } from "../core/resource-limits.ts";
import type { Stdio } from "../core/stdio.ts";
import { workerFile } from "../core/worker-files.ts";
import type { WorkerMark } from "../core/worker-mark.ts";
import { MAIN_FD, type ProcessBoot, REPORT_FD, STACK_FD, WORDS_FD } from "../wire/worker-boot.ts";
import { reportsOutOfMemory } from "./fatal-report.ts";
import { heapOptions } from "./heap-options.ts";
import { unlinkedFiles } from "./unlinked-files.ts";
import { processExecArgv } from "./worker-exec-argv.ts";

export interface WorkerProcessSetup {
  readonly file: "actor.js" | "process.js";
  readonly boot: ProcessBoot;
  /** How large the file is that it shares with this process. */
  readonly wordsBytes: number;
  /** Whether it has a pipe for calls to main for which it blocks. */
  readonly asksMain: boolean;
  readonly stdio: Stdio | undefined;
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly resourceLimits: ResourceLimits | undefined;
}

export interface WorkerProcessEvents {
  message(received: unknown): void;
  /** Told once, after the last message. */
  gone(loss: Loss): void;
}

// What is in the pipe is read within a turn of the event loop; a second is far more.
const LAST_MESSAGES_MS = 1_000;

/** A child's stdout and stderr, as descriptors of this process. */
const OUTPUT = { inherit: [1, 2], ignore: ["ignore", "ignore"], stderr: [2, 2] } as const;

export class WorkerProcess {
  readonly child: ChildProcess;
  /** Its owner closes it, at the latest when told that the process is gone. */
  readonly wordsFd: number;
  readonly #reportFd: number;
  readonly #events: WorkerProcessEvents;
  #cause: { readonly error: unknown } | undefined;
  #gone = false;

  /** @throws what `fork` throws; NotInstalled */
  constructor(setup: WorkerProcessSetup, events: WorkerProcessEvents) {
    this.#events = events;
    [this.wordsFd, this.#reportFd] = unlinkedFiles(setup.wordsBytes);
    try {
      this.child = forkWorker(setup, this.wordsFd, this.#reportFd);
    } catch (error) {
      closeSync(this.wordsFd);
      closeSync(this.#reportFd);
      throw error;
    }
    this.#watch(this.child);
  }

  /** One of its pipes. Undefined also when it could not be started: Node has no descriptors for it then, nor a list of them. */
  pipe(fd: number): Socket | undefined {
    const pipes = this.child.stdio as ChildProcess["stdio"] | undefined;
    return (pipes?.[fd as 4] as Socket | null | undefined) ?? undefined;
  }

  /** Why it dies, if it does. The first counts. */
  diesOf(error: unknown): void {
    this.#cause ??= { error };
  }

  /** False: it cannot be killed. */
  kill(): boolean {
    return this.child.kill("SIGKILL") || this.#gone;
  }

  #watch(child: ChildProcess): void {
    child.on("message", (received) => this.#events.message(received));
    // Not once: a child that may not be killed says so each time.
    child.on("error", (error) => {
      // Never started: there will be no "exit".
      if (child.pid === undefined) this.#ended({ exitCode: null, signal: null, oom: false, cause: error });
    });
    // Without its channel a child can do nothing for us. An orderly one ends by itself.
    child.once("disconnect", () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.once(
        "exit",
        systemClock.after(LAST_MESSAGES_MS, () => void this.kill()),
      );
    });
    // "close" would wait for grandchildren that hold the output.
    child.once("exit", (exitCode, signal) =>
      this.#afterLastMessage(() => {
        const oom = signal !== null && reportsOutOfMemory(this.#reportFd);
        this.#ended({ exitCode, signal, oom, ...(this.#cause && { cause: this.#cause.error }) });
      }),
    );
  }

  /** What the child sent last may be read after its exit is told. */
  #afterLastMessage(done: () => void): void {
    if (!this.child.connected) return done();
    // A grandchild that has inherited the channel keeps it open for as long as it lives.
    const stopTimer = systemClock.after(LAST_MESSAGES_MS, done);
    this.child.once("disconnect", () => {
      stopTimer();
      done();
    });
  }

  #ended(loss: Loss): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#events.gone(loss);
    closeSync(this.#reportFd);
  }
}

/** @throws what `fork` throws */
function forkWorker(setup: WorkerProcessSetup, wordsFd: number, reportFd: number): ChildProcess {
  const { file, boot, asksMain, env, execArgv, resourceLimits, stdio: output = "inherit" } = setup;
  const [out, err] = OUTPUT[output];
  const stdio: ("ignore" | "ipc" | "pipe" | "overlapped" | number)[] = ["ignore", out, err, "ipc"];
  stdio[WORDS_FD] = wordsFd;
  stdio[REPORT_FD] = reportFd;
  if (asksMain) stdio[MAIN_FD] = "pipe";
  if (boot.stacks) stdio[STACK_FD] = "overlapped";
  const mark: WorkerMark = { offloop: { id: boot.id, kind: "process" } };
  const args = [JSON.stringify({ ...boot, ...mark }), ...process.argv.slice(2)];
  // Few programs start processes: the others need not load it.
  const { fork } = process.getBuiltinModule("node:child_process");
  return fork(workerFile(file), args, {
    serialization: "advanced",
    stdio,
    execArgv: [...processExecArgv(execArgv), ...heapOptions(resourceLimits)],
    ...(env !== undefined && { env }),
  });
}
