/**
 * The watchdog, as the watched thread sees it: a worker thread that keeps nothing alive, and a port to it. Where none can be
 * started, durations and lag work without it, and that is said once.
 */
import { readlinkSync } from "node:fs";
import path from "node:path";
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  threadId,
  Worker,
} from "node:worker_threads";
import { holdingTimer } from "../core/holding-timer.ts";
import { warn } from "../core/warn.ts";
import { workerFile } from "../core/worker-files.ts";
import type { FromWatchdog, ToWatchdog, WatchdogBoot } from "./messages.ts";
import type { WatchWords } from "./watch-words.ts";

type Configuration = Omit<WatchdogBoot, "port" | "words" | "threadId" | "tid" | "offloopRoot">;

export interface WatchdogEvents {
  received(message: Exclude<FromWatchdog, { type: "started" }>): void;
  /** It is gone, and answers nothing more. */
  gone(): void;
}

/** For its start, which takes some 40 ms. A program should not wait for one that does not come. */
const START_MS = 5_000;

let isSaid = false;

/** Once in a process: each monitor would say the same. */
export function sayReduced(what: string, reason: string): void {
  if (isSaid) return;
  isSaid = true;
  warn("LOOP_MONITOR", `the loop monitor ${what}: ${reason}. Durations and lag are not affected.`);
}

export class WatchdogThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #words: WatchWords;
  readonly #received: (message: FromWatchdog) => void;
  readonly #started: Promise<void>;

  constructor(
    configuration: Configuration,
    { words, events }: { words: WatchWords; events: WatchdogEvents },
  ) {
    const file = workerFile("watchdog.cjs");
    const { port1, port2 } = new MessageChannel();
    this.#words = words;
    this.#port = port1;
    let started = (): void => {};
    this.#started = new Promise((resolve) => (started = resolve));
    this.#received = (message) => {
      if (message.type === "started") started();
      else events.received(message);
    };
    const boot: WatchdogBoot = {
      ...configuration,
      port: port2,
      words: words.buffer,
      threadId,
      tid: systemThreadId(),
      offloopRoot: path.dirname(path.dirname(file)) + path.sep,
    };
    this.#worker = new Worker(file, {
      name: "offloop watchdog",
      workerData: boot,
      transferList: [port2],
      // Preloads and loaders of the program are not for this thread.
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    this.#worker.on("error", (error) => sayReduced("has no watchdog any more", String(error)));
    this.#worker.on("exit", () => {
      started();
      events.gone();
    });
    port1.on("message", this.#received);
    // Last: adding a listener holds the process again.
    port1.unref();
    this.#worker.unref();
  }

  /** It watches, or never will. Whoever waits for that holds the process. */
  ready(): Promise<void> {
    return new Promise((resolve) => {
      const stopTimer = holdingTimer(undefined, START_MS, resolve);
      void this.#started.then(() => {
        stopTimer();
        resolve();
      });
    });
  }

  send(message: ToWatchdog): void {
    this.#port.postMessage(message);
    this.#words.wake();
  }

  /** Messages that are there, without waiting for the loop. */
  drain(): void {
    for (;;) {
      const received: { message: FromWatchdog } | undefined = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      this.#received(received.message);
    }
  }

  async stop(): Promise<void> {
    this.#port.close();
    await this.#worker.terminate();
  }
}

function systemThreadId(): number | undefined {
  try {
    return Number(path.basename(readlinkSync("/proc/thread-self")));
  } catch {
    return undefined;
  }
}
