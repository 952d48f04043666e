/**
 * Messages to main that leave behind what was printed before them, in their order: who has an answer may end the program, and what has
 * not left by then is lost.
 */
import { drained } from "./output.ts";

export class BehindOutput<Message extends object> {
  readonly #write: (message: Message) => void;
  /** Undefined: this worker ends, and nothing waits any more. */
  #waiting: Message[] | undefined = [];
  readonly #left: (() => void)[] = [];

  constructor(write: (message: Message) => void) {
    this.#write = write;
  }

  /** `keep` makes one ready to wait. @throws what `keep` throws; what writing throws, if it need not wait */
  send(message: Message, keep: (message: Message) => Message): void {
    if (this.#waiting === undefined) return this.#write(message);
    const draining = this.#waiting.length > 0 ? true : drained();
    if (draining === undefined) return this.#write(message);
    this.#waiting.push(keep(message));
    if (draining !== true) void draining.then(() => this.flush());
  }

  /** Undefined when none waits. */
  left(): Promise<void> | undefined {
    if (this.#waiting === undefined || this.#waiting.length === 0) return undefined;
    return new Promise((resolve) => this.#left.push(resolve));
  }

  /** Lets all go that wait. */
  flush(): void {
    try {
      this.#waiting?.splice(0).forEach(this.#write);
    } finally {
      for (const left of this.#left.splice(0)) left();
    }
  }

  stop(): void {
    this.flush();
    this.#waiting = undefined;
  }
}
