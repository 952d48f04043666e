/**
 * Sees that a function on main does not wait for what cannot go on before that function has ended: its own executor's workers. Looked at
 * when somebody begins to wait: what nobody waits for may take until then.
 */
import { DeadlockError } from "../core/errors.ts";
import { onAwaited } from "../core/on-awaited.ts";
import { onSettled } from "../core/settled.ts";
import type { StreamWaits } from "../core/stream-turns.ts";
import { isOpen, type Task } from "../core/task.ts";
import type { Needs } from "../dispatch/needs.ts";
import { type CallChain, currentChain, keepChain } from "./call-chain.ts";
import type { MainCalls } from "./main-calls.ts";
import { cannotEnd, refuseStuck, type Wait } from "./waits.ts";

// Before a test can fake it.
const { setImmediate } = globalThis;

/** The dispatcher. */
interface Owner {
  end(task: Task<unknown>, state: "rejected", reason: unknown): unknown;
  needs(task: Task<unknown>): Needs;
}

interface Awaited {
  isOpen(): boolean;
  isOver(): boolean;
  needs(): Needs;
  refuse(error: DeadlockError): void;
}

/** Of one executor. */
export class MainWaits implements StreamWaits {
  readonly #calls: MainCalls;
  readonly #owner: Owner;

  constructor(calls: MainCalls, owner: Owner) {
    this.#calls = calls;
    this.#owner = owner;
  }

  accompanying(): (turn: object) => void {
    const chain = currentChain();
    return chain === undefined ? () => {} : (turn) => keepChain(turn, chain);
  }

  submitted(task: Task<unknown>): void {
    const chain = currentChain();
    if (chain === undefined) return;
    keepChain(task, chain);
    const wait = this.#wait(chain, task.name, {
      isOpen: () => task.state === "pending",
      isOver: () => !isOpen(task),
      needs: () => this.#owner.needs(task),
      refuse: (error) => void this.#owner.end(task, "rejected", error),
    });
    onSettled(task, () => {
      forget(chain, wait);
      if (task.options.key !== undefined) lookAgainSoon();
    });
    onAwaited(task, () => beginSoon(chain, wait));
  }

  /** The same promise, or one that is refused to who waits for it in a circle. */
  promise<T>(promise: Promise<T>, name: string, needs: "any" | "all"): Promise<T> {
    return this.#watched(promise, name, { isOpen: () => true, needs: () => needs });
  }

  leaving(left: Promise<void>, name: string, turn: () => Task<unknown> | undefined): Promise<void> {
    return this.#watched(left, name, {
      isOpen: () => turn()?.state === "pending",
      needs: () => this.#owner.needs(turn()!),
    });
  }

  #watched<T>(promise: Promise<T>, name: string, awaited: Pick<Awaited, "isOpen" | "needs">): Promise<T> {
    const chain = currentChain();
    if (chain === undefined) return promise;
    let refuse: (error: unknown) => void = () => {};
    const watched = new Promise<T>((resolve, reject) => {
      refuse = reject;
      promise.then(resolve, reject);
    });
    const beginning = this.#beginning(chain, promise, name, { ...awaited, refuse });
    onAwaited(watched, beginning);
    return watched;
  }

  room(promise: Promise<void>): Promise<void> {
    return this.promise(promise, "waitForCapacity()", "any");
  }

  reading(
    next: Promise<unknown>,
    name: string,
    turn: () => Task<unknown> | undefined,
    refuse: (error: unknown) => void,
  ): void {
    const chain = currentChain();
    if (chain === undefined) return;
    this.#beginning(chain, next, name, {
      isOpen: () => turn()?.state === "pending",
      needs: () => this.#owner.needs(turn()!),
      refuse,
    })();
  }

  /** What begins to wait for that promise. */
  #beginning(
    chain: CallChain,
    promise: Promise<unknown>,
    name: string,
    awaited: Omit<Awaited, "isOver">,
  ): () => void {
    let isOver = false;
    const wait = this.#wait(chain, name, {
      isOver: () => isOver,
      isOpen: () => !isOver && awaited.isOpen(),
      needs: awaited.needs,
      refuse: (error) => {
        // The code may catch it, and wait for something else.
        over();
        awaited.refuse(error);
      },
    });
    const over = (): void => {
      isOver = true;
      forget(chain, wait);
    };
    promise.then(over, over);
    return () => beginSoon(chain, wait);
  }

  resized(): void {
    refuseStuck();
  }

  /** It would wait for the worker that waits. @throws DeadlockError */
  refuseBroadcast(name: string): void {
    const chain = currentChain();
    if (chain?.some(({ calls }) => calls === this.#calls) !== true) return;
    throw this.#error(chain, `broadcast(${name})`);
  }

  #wait(chain: CallChain, name: string, { refuse, ...awaited }: Awaited): Wait {
    return { ...awaited, pool: this.#calls, refuse: () => refuse(this.#error(chain, name)) };
  }

  #error(chain: CallChain, last: string): DeadlockError {
    const steps = chain.flatMap((link) => [link.task, `runOnMain(${JSON.stringify(link.runs)})`]);
    return new DeadlockError(this.#calls.options.name, [...steps, last]);
  }
}

/**
 * Not at once: what is awaited may have settled, which shows a little later, and a function that only left a handler behind returns before it
 * is looked at.
 */
function beginSoon(chain: CallChain, wait: Wait): void {
  setImmediate(() => wait.isOver() || begin(chain, wait));
}

function begin(chain: CallChain, wait: Wait): void {
  // Of code that was left behind, nobody waits for the end.
  const waiting = chain.filter((link) => link.isWaiting());
  if (waiting.length === 0) return;
  for (const link of waiting) link.waits.add(wait);
  if (cannotEnd(wait)) wait.refuse();
}

function forget(chain: CallChain, wait: Wait): void {
  for (const link of chain) link.waits.delete(wait);
}

let isLooking = false;

/** A call with a key may have taken the worker that another one could have had: that is its own from then on. */
function lookAgainSoon(): void {
  if (isLooking) return;
  isLooking = true;
  setImmediate(() => {
    isLooking = false;
    refuseStuck();
  });
}
