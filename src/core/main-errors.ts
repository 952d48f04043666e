/**
 * Errors of calls from a worker back to main.
 */
import { OffloopError } from "./offloop-error.ts";

/** `runOnMain` of a name that main has not given to `expose`. Nothing was run. */
export class NotExposedError extends OffloopError {
  readonly code = "ERR_OFFLOOP_NOT_EXPOSED";
  /** The names that are there. */
  readonly exposed: readonly string[];

  constructor(name: string, exposed: readonly string[]) {
    const there = exposed.length === 0 ? "nothing" : exposed.map((one) => JSON.stringify(one)).join(", ");
    super(
      `runOnMain: main exposes no function ${JSON.stringify(name)}, only ${there}. ` +
        `Call expose({ ${name} }) on main before the task runs.`,
    );
    this.exposed = exposed;
  }
  static {
    OffloopError.named(this, "NotExposedError");
  }
}

/** A function that a worker runs on main would wait for what cannot come before that function has ended. */
export class DeadlockError extends OffloopError {
  readonly code = "ERR_OFFLOOP_DEADLOCK";
  /** Who waits for whom, from the first task to the call that was refused. */
  readonly chain: readonly string[];

  constructor(executor: string, chain: readonly string[]) {
    super(
      `Workers of ${executor} wait for main, which would wait for them: ${chain.join(" → ")}. ` +
        "Do not wait for the last step there, or do it with another executor; for a plain call, more workers help, too.",
    );
    this.chain = chain;
  }
  static {
    OffloopError.named(this, "DeadlockError");
  }
}
