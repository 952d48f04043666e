/**
 * A call that each worker makes by itself: its initializer, its finalizer. How it gets there is found once, and anew when a
 * worker could not find the function.
 */
import type { AnyFunction, FunctionHandle } from "../core/function-handle.ts";
import { NotInstalled } from "../core/installed-package.ts";
import { type Failure, resendAs } from "../travel/resend.ts";
import { encodeWholeCall, type ResolveFunction } from "../wire/frames.ts";
import type { WholeCall } from "../wire/messages.ts";

// Each import that fails in a worker is one.
const MOST_CHANGES = 100;

export class WorkerCall {
  readonly fn: AnyFunction;
  readonly args: readonly unknown[];
  readonly #resolve: ResolveFunction;
  readonly #sent = new Set<number>();
  #handle: FunctionHandle | undefined;
  #changes = 0;

  /** @throws TravelError */
  constructor(fn: AnyFunction, args: readonly unknown[], resolve: ResolveFunction) {
    this.fn = fn;
    this.args = args;
    this.#resolve = resolve;
    try {
      this.#handle = resolve(fn);
    } catch (error) {
      // No worker can start: that is the calls' to tell.
      if (!(error instanceof NotInstalled)) throw error;
    }
  }

  /** @throws TravelError for a function among the arguments; NotInstalled */
  encode(): WholeCall {
    this.#handle ??= this.#resolve(this.fn);
    const call = encodeWholeCall(this.#handle, this.args, this.#resolve);
    for (const { id } of call.functions) this.#sent.add(id);
    return call;
  }

  /** It was one of this call's functions that a worker could not find. */
  concerns({ functionId }: Failure): boolean {
    return this.#sent.has(functionId);
  }

  /** @throws why there is no other way */
  change(failure: Failure): void {
    const handle = this.#handle;
    if (handle === undefined || ++this.#changes > MOST_CHANGES) throw failure.error;
    this.#handle = resendAs({ handle, args: [...this.args], options: {} }, failure);
  }
}
