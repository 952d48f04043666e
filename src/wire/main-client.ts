/**
 * A worker's side of calls to main. Every call settles: through its answer, or with the worker's end.
 */
import { changedStores } from "../core/contexts.ts";
import { currentScope } from "../core/current-task.ts";
import { SerializationError } from "../core/errors.ts";
import type { ToMain } from "../core/to-main.ts";
import { type DecodeContext, decodeError, type WireError } from "./error-codec.ts";
import {
  type FromTask,
  type MainAnswer,
  type MainCall,
  packContent,
  type Packing,
  unpackContent,
} from "./main-messages.ts";

export interface MainLine {
  readonly sharesMemory: boolean;
  post(message: FromTask): void;
  /** Sends the call, and blocks this thread until its answer is there. */
  ask(call: MainCall): MainAnswer;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export class MainClient implements ToMain {
  readonly #line: MainLine;
  readonly #waiting = new Map<number, Waiting>();
  #ids = 0;

  constructor(line: MainLine) {
    this.#line = line;
  }

  async call(taskId: number, name: string, args: readonly unknown[]): Promise<unknown> {
    const call = this.#encode(taskId, name, args, false);
    const { promise, resolve, reject } = deferred();
    this.#waiting.set(call.id, { resolve, reject });
    this.#line.post(call);
    return promise;
  }

  callSync(taskId: number, name: string, args: readonly unknown[]): unknown {
    const { failed, content } = this.#line.ask(this.#encode(taskId, name, args, true));
    const value = unpackContent(content);
    if (failed) throw decodeError(value as WireError, MAIN);
    return value;
  }

  report(taskId: number, value: unknown): void {
    const packing = this.#packing("item", "report");
    this.#line.post({ type: "report", taskId, content: packContent(value, value, packing) });
  }

  answered({ id, failed, content }: MainAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    try {
      const value = unpackContent(content);
      if (failed) waiting?.reject(decodeError(value as WireError, MAIN));
      else waiting?.resolve(value);
    } catch (cause) {
      waiting?.reject(new SerializationError("result", "result", "unreadable on the other side", cause));
    }
  }

  #encode(taskId: number, name: string, args: readonly unknown[], sync: boolean): MainCall {
    const entered = currentScope()?.stores;
    const stores = entered && changedStores(entered);
    const named = stores === undefined ? args : { args, context: stores };
    const content = packContent({ args, stores }, named, this.#packing("argument", stores ? "call" : "args"));
    return { type: "main-call", id: ++this.#ids, taskId, name, sync, content };
  }

  #packing(direction: Packing["direction"], root: string): Packing {
    return { direction, root, sharesMemory: this.#line.sharesMemory };
  }
}

const MAIN: DecodeContext = { where: "offloop (runOnMain)", findClass: () => undefined };

function deferred(): Waiting & { readonly promise: Promise<unknown> } {
  let waiting: Waiting | undefined;
  const promise = new Promise<unknown>((resolve, reject) => (waiting = { resolve, reject }));
  return { promise, ...waiting! };
}
