/**
 * Random calls at real workers, of which some are cancelled, some have a time limit, some never end, while children are killed. The seed
 * decides what is done, the machine when. Whatever happens, each call settles once, with its own value or with a reason that it was given.
 */
import { type Executor, isOffloopError, ProcessPoolExecutor, type Task, ThreadPoolExecutor } from "offloop";
import { describe, expect, test } from "vitest";
import { expectSum } from "../contract/executors.ts";
import { turn } from "../contract/waits.ts";
import { stayIf } from "../fixtures/contract/small.mjs";
import { Random } from "../random.ts";

const CALLS = 200;
const CODES = ["ERR_OFFLOOP_TASK_TIMEOUT", "ERR_OFFLOOP_WORKER_LOST"];

type Call = { readonly task: Task<unknown>; readonly n: number; readonly limited: boolean };

function submit(executor: Executor, random: Random, n: number): Call {
  if (random.next() < 0.02) {
    const how = random.pick(["loop", "promise"] as const);
    return {
      task: executor.submit(stayIf, [n, how], { timeoutMs: 20 + random.below(50) }),
      n,
      limited: true,
    };
  }
  const limited = random.next() < 0.2;
  return {
    task: executor.submit(stayIf, [n], limited ? { timeoutMs: 1 + random.below(200) } : {}),
    n,
    limited,
  };
}

/** One that does calls, not one that is starting: whose start fails cannot be blamed on a call. */
function killOne(executor: Executor, random: Random): void {
  const workers = executor.statistics().workers.filter(({ state }) => state !== "starting");
  const { pid } = workers.length === 0 ? {} : random.pick(workers);
  if (pid !== undefined) process.kill(pid, "SIGKILL");
}

describe.each([
  ["threads", (maxWorkers: number) => new ThreadPoolExecutor({ maxWorkers, nice: 0 })],
  ["processes", (maxWorkers: number) => new ProcessPoolExecutor({ maxWorkers, nice: 0 })],
] as const)("%s", (kind, make) => {
  test.each([1, 2, 3, 4])(
    "whatever dies, every call settles, and with what is its own: seed %d",
    async (seed) => {
      const random = new Random(seed);
      await using executor = make(1 + random.below(3));
      const calls: Call[] = [];
      const cancelled = new Set<Task<unknown>>();
      for (let n = 0; n < CALLS; n++) {
        calls.push(submit(executor, random, n));
        calls.at(-1)!.task.catch(() => {});
        if (random.next() < 0.05) {
          const { task } = random.pick(calls);
          if (task.cancel()) cancelled.add(task);
        }
        if (random.next() < 0.1) await turn();
        if (kind === "processes" && random.next() < 0.03) killOne(executor, random);
      }
      const outcomes = await Promise.allSettled(calls.map(({ task }) => task));
      for (const [index, outcome] of outcomes.entries()) {
        const { task, n, limited } = calls[index]!;
        if (cancelled.has(task)) expect([task.state, outcome.status]).toEqual(["cancelled", "rejected"]);
        else if (outcome.status === "fulfilled") expect(outcome.value).toBe(n);
        else {
          const error: unknown = outcome.reason;
          expect(isOffloopError(error) && CODES.includes(error.code)).toBe(true);
          expect(limited || kind === "processes").toBe(true);
        }
      }
      expectSum(executor.statistics());
      expect(executor.statistics()).toMatchObject({ pending: 0, running: 0, submitted: CALLS });
    },
  );
});
