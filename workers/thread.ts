/**
 * The other side of a thread: what piscina runs in it is a *visit*. The first visit brings our port and the shared words;
 * calls, results and control go over those. A visit sleeps in `Atomics.wait` between calls, which answers faster than an
 * event loop, and ends after 20 ms of quiet: while one is open piscina holds the process, so an idle pool lets it end.
 *
 * Messages reach the inbox in two ways: the port's event while the event loop turns, a synchronous read while it does not.
 * Both keep the port's order. `stop` does not wait its turn: it is for the task that runs now.
 */
import type { MessagePort } from "node:worker_threads";
import { becomeWorker } from "../src/core/realm.ts";
import { offerTaskStack } from "../src/inspect/task-stack.ts";
import { encodeError } from "../src/wire/error-codec.ts";
import type { MainAnswer, MainCall } from "../src/wire/main-messages.ts";
import type { FromWorker, ToWorker } from "../src/wire/messages.ts";
import { readPort } from "../src/wire/read-port.ts";
import type { ThreadBoot } from "../src/wire/worker-boot.ts";
import { SharedWords } from "../src/wire/words.ts";
import { MemoryGauge } from "./memory-gauge.ts";
import { prepare } from "./prepare.ts";
import { redirectOutput } from "./redirect-output.ts";
import { isUrgent, Runner } from "./runner.ts";

// Long enough that a caller who awaits one call after the other finds the visit open, short enough that a program does not
// seem to hang at its end.
const QUIET_MS = 20;

// Taken at load: what a task does to the globals must not stop its worker.
const { setImmediate, setTimeout, clearTimeout } = globalThis;

class Thread {
  readonly #port: MessagePort;
  readonly #words: SharedWords;
  readonly #runner: Runner;
  readonly #inbox: ToWorker[] = [];
  /** By calls that this thread blocks for: one may be made while another one waits, by who listens to its task's signal. */
  readonly #answers = new Map<number, MainAnswer | undefined>();
  /** Something arrived while a visit waits for the event loop. */
  #nudge: (() => void) | undefined;
  #pumping: Promise<void> | undefined;
  /** A task has run, and may have left something in the event loop that has not had its turn. */
  #owesTurn = false;

  constructor(boot: ThreadBoot) {
    this.#port = boot.port;
    this.#words = new SharedWords(boot.words);
    const channel = {
      post: (message: FromWorker, transfer: readonly object[] = []) =>
        this.#port.postMessage(message, transfer as never),
      sharesMemory: true,
      ask: (call: MainCall) => this.#ask(call),
      // A message costs both sides 1 to 2 µs.
      longestMs: 0.05,
      left: () => undefined,
      prepare: () => prepare(boot),
      flush: async () => {
        for (const stream of [process.stdout, process.stderr]) {
          await new Promise<void>((resolve) => stream.write("", () => resolve()));
        }
      },
      finished: () => this.#port.close(),
    };
    const gauge = boot.weighed ? new MemoryGauge(this.#words, "thread") : undefined;
    this.#runner = new Runner(channel, this.#words, gauge);
    this.#port.on("message", (message: ToWorker) => {
      this.#receive(message);
      void this.#pump();
      this.#nudge?.();
    });
    this.#port.on("messageerror", this.#refuse);
  }

  async visit(): Promise<void> {
    for (;;) {
      const seen = this.#words.wakeCount();
      for (const message of readPort<ToWorker>(this.#port, this.#refuse)) this.#receive(message);
      if (this.#inbox.length > 0 || this.#pumping !== undefined) {
        await this.#pump();
        continue;
      }
      if (hasLeftovers()) {
        // Sleeping would freeze them, and run them inside the next task. They get the event loop, and so does the port.
        if (!(await this.#quietTurns())) return;
      } else {
        this.#owesTurn = false;
        if (!this.#words.sleep(seen, QUIET_MS)) return;
      }
    }
  }

  /** Sleeps as a visit does. What else arrives keeps its order. */
  #ask(call: MainCall): MainAnswer {
    this.#port.postMessage(call);
    this.#answers.set(call.id, undefined);
    try {
      for (;;) {
        const seen = this.#words.wakeCount();
        this.#readWhileAsking();
        const answer = this.#answers.get(call.id);
        if (answer !== undefined) return answer;
        this.#words.sleep(seen, Infinity);
      }
    } finally {
      this.#answers.delete(call.id);
      if (this.#inbox.length > 0) this.#nudge?.();
    }
  }

  #readWhileAsking(): void {
    for (const message of readPort<ToWorker>(this.#port, this.#refuse)) {
      const isAnswer = "type" in message && message.type === "main-answer" && message.sync;
      if (!isAnswer) this.#receive(message);
      // Else of a call that a full stack has ended: nobody takes it.
      else if (this.#answers.has(message.id)) this.#answers.set(message.id, message);
    }
  }

  readonly #refuse = (cause: unknown): void => {
    this.#port.postMessage({ type: "refused", error: encodeError(cause) } satisfies FromWorker);
  };

  #receive(message: ToWorker): void {
    if (isUrgent(message)) void this.#runner.handle(message);
    else this.#inbox.push(message);
  }

  /** Handles the inbox to its end. Undefined when that needed no event loop. */
  #pump(): Promise<void> | undefined {
    if (this.#pumping !== undefined) return this.#pumping;
    while (this.#inbox.length > 0) {
      // What a task left for the next turn gets it before the next task: if that ends the thread, it ends no other task.
      const handling = this.#owesTurn && hasLeftovers() ? this.#turn() : this.#handleNext();
      if (handling === undefined) continue;
      this.#pumping = this.#pumpAfter(handling);
      return this.#pumping;
    }
    return undefined;
  }

  async #turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#owesTurn = false;
  }

  #handleNext(): void | Promise<void> {
    this.#owesTurn = true;
    return this.#runner.handle(this.#inbox.shift()!);
  }

  async #pumpAfter(handling: Promise<void>): Promise<void> {
    try {
      await handling;
    } finally {
      this.#pumping = undefined;
    }
    await this.#pump();
  }

  /** False after 20 ms in which nothing arrived. */
  #quietTurns(): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (arrived: boolean): void => {
        clearTimeout(timer);
        this.#nudge = undefined;
        resolve(arrived);
      };
      const timer = setTimeout(done, QUIET_MS, false);
      this.#nudge = () => done(true);
    });
  }
}

/** Timers, sockets, unwritten output: what a finished task may have left in the event loop. Ports are ours and piscina's. */
function hasLeftovers(): boolean {
  if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) return true;
  return process.getActiveResourcesInfo().some((resource) => resource !== "MessagePort");
}

let thread: Thread | undefined;

/** One visit. */
export default function visit(boot: ThreadBoot | null): Promise<void> {
  if (boot !== null) {
    becomeWorker({ id: boot.id, kind: "thread" });
    redirectOutput(boot.stdio);
    offerTaskStack();
    thread = new Thread(boot);
  }
  return thread!.visit();
}
