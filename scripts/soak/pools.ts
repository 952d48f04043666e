/**
 * A pool of either kind for some thousand calls, what is done to it meanwhile, and its end.
 */
import { type Executor, ProcessPoolExecutor, type Task, ThreadPoolExecutor } from "offloop";
import type { Random } from "../../test/random.ts";
import type { Account, Disturbed } from "./account.ts";
import { type Call, submitRandom } from "./calls.ts";

export interface Progress {
  readonly random: Random;
  readonly account: Account;
  readonly faults: Record<string, number>;
  /** Every child that was ever seen. */
  readonly pids: Set<number>;
  /** Calls that are not settled. */
  readonly open: Set<Call>;
  doubleSettles: number;
  settledAt: number;
}

/** More wait no longer than these, but take memory. */
const MOST_OPEN = 2_000;
const resourceLimits = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 8 };

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

export class Pool {
  readonly executor: Executor;
  readonly #progress: Progress;
  readonly #cancelled = new Set<number>();
  readonly #calls: Call[] = [];
  #deaths = false;
  #closed = false;

  constructor(progress: Progress, kind: "thread" | "process") {
    const { random } = progress;
    const Executor = kind === "thread" ? ThreadPoolExecutor : ProcessPoolExecutor;
    this.#progress = progress;
    this.executor = new Executor({
      maxWorkers: 1 + random.below(3),
      nice: 0,
      maxPending: Infinity,
      cancelGraceMs: 200,
      resourceLimits,
      stacks: kind === "thread" && random.next() < 0.5,
      ...(random.next() < 0.2 && { maxTasksPerWorker: 500 + random.below(2_000) }),
    });
  }

  submit(n: number): void {
    const { account, faults, open, random } = this.#progress;
    const call = submitRandom({ executor: this.executor, random, n, faults });
    if (/exits|heap/.test(call.what)) this.#deaths = true;
    open.add(call);
    this.#calls.push(call);
    const settle = (result: PromiseSettledResult<unknown>): void => {
      if (!open.delete(call)) this.#progress.doubleSettles++;
      this.#progress.settledAt = performance.now();
      account.settle(call, result, this.#disturbed);
    };
    call.task.then(
      (value) => settle({ status: "fulfilled", value }),
      (reason: unknown) => settle({ status: "rejected", reason }),
    );
  }

  /** Cancels, kills, resizes, now and then. */
  async disturb(): Promise<void> {
    const { faults, open, random } = this.#progress;
    for (let count = random.below(4); count > 0 && this.#calls.length > 0; count--) {
      const call = this.#calls[this.#calls.length - 1 - random.below(Math.min(200, this.#calls.length))]!;
      if (!call.task.cancel()) continue;
      this.#cancelled.add(call.n);
      faults["cancels"] = (faults["cancels"] ?? 0) + 1;
    }
    if (random.next() < 0.15) this.#kill();
    if (random.next() < 0.02) this.executor.resize({ maxWorkers: 1 + random.below(3) });
    if (random.next() < 0.5) await turn();
    while (open.size > MOST_OPEN) await turn();
  }

  #kill(): void {
    const { faults, pids, random } = this.#progress;
    const workers = this.executor.statistics().workers.filter(({ state }) => state !== "starting");
    for (const { pid } of workers) if (pid !== undefined) pids.add(pid);
    const { pid } = workers.length === 0 ? {} : random.pick(workers);
    if (pid === undefined) return;
    this.#deaths = true;
    faults["kills"] = (faults["kills"] ?? 0) + 1;
    process.kill(pid, "SIGKILL");
  }

  /** In one of several ways. */
  async close(): Promise<void> {
    const { faults, random } = this.#progress;
    const cancelPending = random.next() < 0.3;
    const timeoutMs = random.next() < 0.3 ? random.below(20) : Infinity;
    if (cancelPending || timeoutMs < Infinity) {
      this.#closed = true;
      faults["early shutdowns"] = (faults["early shutdowns"] ?? 0) + 1;
    }
    await this.executor.shutdown({ cancelPending, timeoutMs });
    await Promise.allSettled(this.#calls.map(({ task }) => task));
    this.#audit();
  }

  /** What the executor counted is what was seen. */
  #audit(): void {
    const { submitted, pending, running, fulfilled, rejected, cancelled } = this.executor.statistics();
    const count = (state: Task<unknown>["state"]): number =>
      this.#calls.filter(({ task }) => task.state === state).length;
    const seen = [this.#calls.length, 0, 0, count("fulfilled"), count("rejected"), count("cancelled")];
    const told = [submitted, pending, running, fulfilled, rejected, cancelled];
    if (String(seen) === String(told)) return;
    this.#progress.doubleSettles += Math.max(0, fulfilled + rejected + cancelled - this.#calls.length);
    this.#progress.account.unaccounted++;
    this.#progress.account.complain(`${this.executor.name} counted ${told.join()}, seen were ${seen.join()}`);
  }

  get #disturbed(): Disturbed {
    return { deaths: this.#deaths, cancelled: this.#cancelled, closed: this.#closed };
  }
}
