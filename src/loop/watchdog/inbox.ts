/**
 * Messages to the watchdog, which sleeps in one of two ways: with a timer, so that its loop turns, or on a shared word, which is
 * cheaper and stops its loop. Either ends when a message comes.
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { ToWatchdog } from "../messages.ts";
import type { WatchWords } from "../watch-words.ts";

const { setTimeout, clearTimeout } = globalThis;

export class Inbox {
  readonly #port: MessagePort;
  readonly #words: WatchWords;
  readonly #received: ToWatchdog[] = [];
  #wakeUp: (() => void) | undefined;
  #wakeups = -1;

  constructor(port: MessagePort, words: WatchWords) {
    this.#port = port;
    this.#words = words;
    port.on("message", (message: ToWatchdog) => {
      this.#received.push(message);
      this.#wakeUp?.();
    });
  }

  /** Whoever sends wakes afterwards: what this does not see yet ends the next sleep. */
  get hasNews(): boolean {
    return this.#received.length > 0 || this.#words.wakeups !== this.#wakeups;
  }

  next(): ToWatchdog | undefined {
    if (this.#received.length > 0) return this.#received.shift();
    // Read before looking: what is sent after the look ends the next sleep.
    this.#wakeups = this.#words.wakeups;
    const received: { message: ToWatchdog } | undefined = receiveMessageOnPort(this.#port);
    return received?.message;
  }

  sleepWithoutLoop(ms: number): void {
    this.#words.sleep(this.#wakeups, ms);
  }

  async sleep(ms: number): Promise<void> {
    if (this.#received.length > 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeUp = undefined;
  }
}
