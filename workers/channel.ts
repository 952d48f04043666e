/**
 * How the messages of a worker come and go: what differs between a thread and a process.
 */
import type { MainLine } from "../src/wire/main-client.ts";
import type { FromWorker } from "../src/wire/messages.ts";

export interface Channel extends Omit<MainLine, "post"> {
  /** @throws what structured clone throws */
  post(message: FromWorker, transfer?: readonly object[]): void;
  /**
   * How long a result may wait for others to leave with: so long that messages cost a few percent of the time. It is also what a call that
   * turns out to be slow holds back until main looks: the less the better.
   */
  readonly longestMs: number;
  /** When all that was posted has left the worker, if it has not: this thread may be blocked from now on, or the worker be killed. */
  left(): Promise<void> | undefined;
  /** Before the first import of the user's code. */
  prepare(): number | undefined | Promise<number | undefined>;
  /** What tasks have printed has left. */
  flush(): Promise<void>;
  /** The worker may end now. */
  finished(): void;
}
