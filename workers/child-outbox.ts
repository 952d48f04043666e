/**
 * What a child process sends to its parent, on Node's IPC channel, behind what it has printed.
 */
import { BehindOutput } from "./behind-output.ts";

export class ChildOutbox<Sealed extends object> {
  readonly #behind = new BehindOutput<Sealed>((sealed) => this.post(sealed));
  /** Messages that are not in the pipe yet. A full one takes more only while the event loop turns; what is in it is not lost with us. */
  #unwritten = 0;
  readonly #written: (() => void)[] = [];

  constructor() {
    process.once("exit", () => this.#behind.stop());
  }

  /** `check` what has to wait, so that it throws here, where its sender can do something about it. */
  send(sealed: Sealed, check: (sealed: Sealed) => void = () => {}): void {
    this.#behind.send(sealed, (kept) => {
      check(kept);
      return kept;
    });
  }

  /** At once: this process is about to end. */
  post(sealed: Sealed): void {
    if (process.send === undefined) return;
    // The callback may take the error of a channel that closes meanwhile: the parent is gone, nobody waits for the answer.
    process.send(sealed, undefined, undefined, () => {
      this.#unwritten--;
      if (this.#unwritten === 0) for (const written of this.#written.splice(0)) written();
    });
    this.#unwritten++;
  }

  /** Lets all go that wait: the event loop stands still, so what was printed will not be written before. */
  flush(): void {
    this.#behind.flush();
  }

  /** When all is in the pipe. Undefined when it is. */
  left(): Promise<void> | undefined {
    const left = this.#behind.left();
    if (left !== undefined) return left.then(() => this.left());
    return this.#unwritten === 0 ? undefined : new Promise((resolve) => this.#written.push(resolve));
  }
}
