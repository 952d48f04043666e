/**
 * A generator in its worker, while its stream is open: some items a turn, and rest between two turns.
 *
 * Guarantees: never more items than asked for; an item leaves before the function is asked for the next one, unless that comes within 50 µs;
 * an error, and an item that cannot be copied, come after the items before them; once it has ended nothing of it is left.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { monotonicNow } from "../core/clock.ts";
import { scopes, type TaskScope } from "../core/current-task.ts";
import { Items, type SentItems } from "./items.ts";

// About what a turn costs: to wait longer for company would not make a stream faster.
const SLICE_MS = 0.05;
// So many must have come fast before some leave together: the first ones of a stream, and those of a slow one, leave as they come.
const FAST_ITEMS = 16;

const { setImmediate, clearImmediate } = globalThis;

type Result = IteratorResult<unknown, unknown>;
type Iterating = { next(): Result | Promise<Result>; return?(): unknown };

export class Production {
  #iterator: Iterating;
  #isAsync: boolean;
  readonly #scope: TaskScope;
  /** To the function the stores are those of its first turn; each turn brings copies of its own. */
  readonly #inStores: (<R>(run: () => R) => R) | undefined;
  /** Made, and not gone with the turn before: it goes alone, or came when the turn was over. */
  #next: Result | Promise<Result> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #fastItems = 0;
  #isOver = false;

  /** @throws TypeError when `made` cannot be iterated. */
  constructor(made: unknown, scope: TaskScope) {
    const { iterator, isAsync } = iterate(made);
    this.#iterator = iterator;
    this.#isAsync = isAsync;
    this.#scope = scope;
    if (scope.stores !== undefined) this.#inStores = AsyncLocalStorage.snapshot();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The next turn. To `currentTask()` it is the same call. */
  goOn(turn: TaskScope): void {
    this.#scope.goOnAs(turn);
  }

  /** @throws what the function threw, when nothing came before it */
  produce(most: number): SentItems | Promise<SentItems> {
    if (this.#failure !== undefined) throw this.#over(this.#failure.error);
    const turn = new Turn(most, this.#fastItems >= FAST_ITEMS);
    return this.#isAsync ? this.#produceAsync(turn) : this.#produceNow(turn);
  }

  /** What the function does in the end. @throws what it throws there */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#inScope(() => this.#iterator.return?.());
  }

  #produceNow(turn: Turn): SentItems | Promise<SentItems> {
    try {
      while (turn.hasRoom) {
        const result = (this.#next ?? this.#inScope(() => this.#iterator.next())) as Result;
        if (result.done !== true && result.value instanceof Promise) return this.#awaitItems(turn, result);
        this.#next = undefined;
        if (!this.#takes(turn, result)) break;
      }
      return turn.items.sent;
    } catch (error) {
      return this.#failed(turn, error);
    }
  }

  async #produceAsync(turn: Turn): Promise<SentItems> {
    let soon: Soon | undefined;
    try {
      while (turn.hasRoom) {
        this.#next ??= this.#inScope(() => this.#iterator.next());
        if (turn.items.size > 0 && (await (soon ??= new Soon()).isBefore(this.#next))) break;
        const result = await this.#next;
        this.#next = undefined;
        if (!this.#takes(turn, result)) break;
      }
      return turn.items.sent;
    } catch (error) {
      this.#next = undefined;
      return this.#failed(turn, error);
    } finally {
      soon?.stop();
    }
  }

  /** As `for await` does with an iterable of promises. */
  #awaitItems(turn: Turn, first: Result): Promise<SentItems> {
    const source = this.#iterator as Iterator<unknown>;
    const awaited = async (result: Result): Promise<Result> => ({ ...result, value: await result.value });
    this.#iterator = { next: () => awaited(source.next()), return: () => source.return?.() };
    this.#isAsync = true;
    this.#next = awaited(first);
    return this.#produceAsync(turn);
  }

  /** False when the turn is over. */
  #takes(turn: Turn, result: Result): boolean {
    // As in every loop of the language. What is no result has no `done` either, and would be an item for ever.
    if (!isObject(result)) {
      throw new TypeError("stream: the iterator gave a result that is not an object");
    }
    if (result.done === true) {
      this.#isOver = true;
      turn.items.end();
      return false;
    }
    if (!turn.items.add(result.value)) {
      this.#next = result;
      return false;
    }
    this.#fastItems = turn.itemMs() < SLICE_MS ? this.#fastItems + 1 : 0;
    return turn.tookMs < SLICE_MS;
  }

  /** The items first. The function is asked to end if it has not. */
  #failed(turn: Turn, error: unknown): SentItems | Promise<SentItems> {
    this.#failure = { error };
    const rest = (): SentItems => {
      if (turn.items.size === 0) throw this.#over(error);
      return turn.items.sent;
    };
    // An iterator that threw by itself is over, and this does nothing. Its own error is the first, and the one to tell.
    const closing = this.#inScope(() => {
      try {
        return this.#iterator.return?.();
      } catch {
        return undefined;
      }
    });
    if (!this.#isAsync) return rest();
    return Promise.resolve(closing).then(rest, rest);
  }

  #over(error: unknown): unknown {
    this.#isOver = true;
    return error;
  }

  /** `currentTask()` is the same in all turns. */
  #inScope<R>(run: () => R): R {
    return this.#inStores === undefined ? this.#asTask(run) : this.#inStores(() => this.#asTask(run));
  }

  #asTask<R>(run: () => R): R {
    if (scopes.storage?.getStore() !== undefined) return scopes.storage.run(this.#scope, run);
    scopes.current = this.#scope;
    return run();
  }
}

/** What one turn has so far. */
class Turn {
  readonly items = new Items();
  readonly #most: number;
  readonly #startedAt = monotonicNow();
  #lastAt = this.#startedAt;

  constructor(most: number, isFast: boolean) {
    this.#most = isFast ? most : 1;
  }

  get hasRoom(): boolean {
    return this.items.size < this.#most && !this.items.isFull;
  }

  /** Since the item before. */
  itemMs(): number {
    const before = this.#lastAt;
    this.#lastAt = monotonicNow();
    return this.#lastAt - before;
  }

  get tookMs(): number {
    return this.#lastAt - this.#startedAt;
  }
}

/** What is here does not wait for what takes a turn of the event loop: that comes with the next turn of the stream. */
class Soon {
  readonly #turned: Promise<undefined>;
  #immediate: NodeJS.Immediate | undefined;

  constructor() {
    this.#turned = new Promise((resolve) => {
      this.#immediate = setImmediate(() => resolve(undefined));
    });
  }

  async isBefore(next: unknown): Promise<boolean> {
    return (await Promise.race([next, this.#turned])) === undefined;
  }

  stop(): void {
    clearImmediate(this.#immediate);
  }
}

function isObject(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function iterate(made: unknown): { iterator: Iterating; isAsync: boolean } {
  const source = made as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  const makeAsync = source?.[Symbol.asyncIterator];
  if (typeof makeAsync === "function") return { iterator: makeAsync.call(source), isAsync: true };
  const make = source?.[Symbol.iterator];
  if (typeof make === "function") return { iterator: make.call(source), isAsync: false };
  throw new TypeError(
    "stream: the function must be a generator function, or return something that can be iterated",
  );
}

/** The scope of the call that runs now. */
export function turnScope(): TaskScope {
  return scopes.storage?.getStore() ?? scopes.current!;
}
