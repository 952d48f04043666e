/**
 * The child process of an actor, over Node's IPC channel.
 */
import { type ChildProcess, fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { closeSync } from "node:fs";
import { systemClock } from "../core/clock.ts";
import type { Loss } from "../core/errors.ts";
import { workerFile } from "../core/worker-files.ts";
import type { WorkerMark } from "../core/worker-mark.ts";
import { reportsOutOfMemory } from "../pools/fatal-report.ts";
import { passOn } from "../pools/foreign-message.ts";
import { heapOptions } from "../pools/heap-options.ts";
import { unlinkedFiles } from "../pools/unlinked-files.ts";
import { processExecArgv } from "../pools/worker-exec-argv.ts";
import { isOfActor, openForActor, sealForActor } from "../wire/actor-ipc.ts";
import type { FromActor, ToActor } from "../wire/actor-messages.ts";
import { type CallFate, FILE_COUNTS_BYTES, FileCallCounts } from "../wire/call-counts.ts";
import { decodeError } from "../wire/error-codec.ts";
import { type ProcessBoot, REPORT_FD, WORDS_FD } from "../wire/worker-boot.ts";
import type { Channel, ChannelEvents } from "./channel.ts";
import type { ActorOptions } from "./options.ts";

// What is in the pipe is read within a turn of the event loop; a second is far more.
const LAST_MESSAGES_MS = 1_000;

export class ProcessChannel implements Channel {
  readonly #child: ChildProcess;
  readonly #events: ChannelEvents;
  readonly #key = randomInt(2 ** 47);
  readonly #counts: FileCallCounts;
  readonly #files: readonly [counts: number, report: number];
  #cause: { readonly error: unknown } | undefined;
  #gone = false;

  /** @throws what `fork` throws; NotInstalled */
  constructor(id: number, options: ActorOptions, events: ChannelEvents) {
    this.#events = events;
    const boot = {
      id,
      nice: options.nice,
      tsx: undefined,
      weighed: false,
      stacks: false,
      parent: process.pid,
      key: this.#key,
    };
    this.#files = unlinkedFiles(FILE_COUNTS_BYTES);
    this.#counts = new FileCallCounts(this.#files[0]);
    try {
      this.#child = forkActor(boot, this.#files, options);
    } catch (error) {
      this.#closeFiles();
      throw error;
    }
    this.#watch(this.#child, `offloop (actor ${id})`);
  }

  post(message: ToActor): void {
    const sealed = sealForActor(message, this.#key);
    // There is no channel to a process that could not be started, or has ended; its end is told by its own events.
    if (this.#child.connected) this.#child.send(sealed, undefined, {}, () => {});
  }

  hold(holds: boolean): void {
    if (holds) this.#child.ref();
    else this.#child.unref();
    if (holds) this.#child.channel?.ref();
    else this.#child.channel?.unref();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  fateOf(number: number | undefined): CallFate {
    return this.#counts.fateOf(number);
  }

  #watch(child: ChildProcess, where: string): void {
    child.on("message", (received) => {
      if (isOfActor(received, this.#key)) this.#receive(received, where);
      else passOn(received);
    });
    // A child that may not be killed says so each time.
    child.on("error", (error) => {
      // Never started: there will be no "exit".
      if (child.pid === undefined) this.#ended({ exitCode: null, signal: null, oom: false, cause: error });
    });
    // Without its channel a child can do nothing for us.
    child.once("disconnect", () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.once(
          "exit",
          systemClock.after(LAST_MESSAGES_MS, () => this.kill()),
        );
      }
    });
    child.once("exit", (exitCode, signal) =>
      this.#afterLastMessage(() => {
        const oom = signal !== null && reportsOutOfMemory(this.#files[1]);
        this.#ended({ exitCode, signal, oom, ...(this.#cause && { cause: this.#cause.error }) });
      }),
    );
  }

  #receive(received: Parameters<typeof openForActor>[0], where: string): void {
    let message: FromActor;
    try {
      message = openForActor<FromActor>(received);
    } catch (error) {
      // It cannot say which answer it was, so none may be left waiting for it.
      this.#cause ??= { error };
      return this.kill();
    }
    if (message.type !== "crashed") return this.#events.message(message);
    this.#cause ??= { error: decodeError(message.error, { where, findClass: () => undefined }) };
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

  #ended(loss: Loss): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#events.gone(loss);
    this.#closeFiles();
  }

  #closeFiles(): void {
    for (const fd of this.#files) closeSync(fd);
  }
}

/** @throws what `fork` throws */
function forkActor(
  boot: ProcessBoot,
  [counts, report]: readonly [counts: number, report: number],
  { env, execArgv, resourceLimits }: ActorOptions,
): ChildProcess {
  const stdio: ("ignore" | "inherit" | "ipc" | number)[] = ["ignore", "inherit", "inherit", "ipc"];
  stdio[WORDS_FD] = counts;
  stdio[REPORT_FD] = report;
  const mark: WorkerMark = { offloop: { id: boot.id, kind: "process" } };
  const args = [JSON.stringify({ ...boot, ...mark }), ...process.argv.slice(2)];
  return fork(workerFile("actor.js"), args, {
    serialization: "advanced",
    stdio,
    execArgv: [...processExecArgv(execArgv), ...heapOptions(resourceLimits)],
    ...(env !== undefined && { env }),
  });
}
