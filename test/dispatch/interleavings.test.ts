/**
 * A thousand executors, each through a random order of everything that can happen, with what must always hold checked after
 * every step. A failure names its seed; run that one alone with `explore(seed)`.
 */
import type { CallOptions } from "#internal/core/call-options";
import type { Task, TaskState } from "#internal/core/task";
import { transfer } from "#internal/wire/transfer";
import { describe, expect, test } from "vitest";
import { Random } from "../random.ts";
import { type FakeLink, heldHandles, setup, type Setup, turn } from "./fake-workers.ts";

const SEEDS = 1_000;
const STEPS = 60;

interface Run extends Setup {
  readonly random: Random;
  readonly maxWorkers: number;
  readonly tasks: Task<unknown>[];
  readonly controllers: AbortController[];
  /** What each task that has settled was at that moment. */
  readonly ends: Map<Task<unknown>, TaskState>;
  readonly trail: string[];
}

function start(seed: number): Run {
  const random = new Random(seed);
  const maxWorkers = 1 + random.below(3);
  const all = setup({
    most: random.pick([1, 2, 4, 256]),
    maxWorkers,
    minWorkers: random.below(maxWorkers + 1),
    maxPending: random.pick([0, 5, 100_000, 100_000]),
    idleTimeoutMs: random.pick([0, 20, 30_000]),
    startTimeoutMs: 50,
    cancelGraceMs: random.pick([0, 10]),
  });
  if (random.next() < 0.5) all.dispatcher.open();
  return { ...all, random, maxWorkers, tasks: [], controllers: [], ends: new Map(), trail: [] };
}

function submit({ random, submit: submitTo, tasks, controllers }: Run): void {
  const controller = new AbortController();
  const bytes = new Uint8Array(1);
  const options: CallOptions = {
    ...(random.next() < 0.4 && { timeoutMs: 1 + random.below(30) }),
    ...(random.next() < 0.4 && { queueTimeoutMs: 1 + random.below(30) }),
    ...(random.next() < 0.2 && { onCancel: "abandon" }),
    ...(random.next() < 0.3 && { signal: controller.signal }),
  };
  controllers.push(controller);
  const args = random.next() < 0.1 ? [transfer(bytes, [bytes.buffer])] : [];
  tasks.push(submitTo(`task ${tasks.length}`, options, args));
}

type Step = (run: Run) => void | Promise<void>;

/** A step with one of the workers that it can happen to, when there is one. */
function toWorker(fits: (link: FakeLink) => boolean, act: (link: FakeLink, run: Run) => void): Step {
  return (run) => {
    const links = run.driver.links.filter(fits);
    if (links.length > 0) act(run.random.pick(links), run);
  };
}

const isStarting = ({ life }: FakeLink): boolean => life === "starting";
const hasTask = ({ life, has }: FakeLink): boolean => life === "ready" && has.length > 0;

const STEPS_BY_NAME: Readonly<Record<string, Step>> = {
  submit,
  "submit more": (run) => {
    for (let count = run.random.below(run.random.pick([6, 30])); count > 0; count--) submit(run);
  },
  ready: toWorker(isStarting, (link) => link.ready()),
  "ready too": toWorker(isStarting, (link) => link.ready()),
  "all ready": ({ driver }) => driver.links.filter(isStarting).forEach((link) => link.ready()),
  "start failed": toWorker(isStarting, (link) => link.startFailed(new Error("on purpose"))),
  "start throws": ({ driver }) => void driver.startErrors.push(new Error("on purpose")),
  claim: toWorker(hasTask, (link) => void link.claim()),
  look: toWorker(hasTask, (link) => link.words.look(link.claim())),
  result: toWorker(hasTask, (link) => link.answer()),
  // A function that is known to be fast is what goes together.
  "fast results": toWorker(hasTask, (link, { random }) => {
    link.runMs = random.pick([0.01, 0.1, 2]);
    for (let count = 1 + random.below(8); count > 0 && hasTask(link); count--) link.answer();
    link.runMs = 1;
  }),
  "claim more": toWorker(hasTask, (link, { random }) => {
    for (let count = random.below(8); count > 0 && hasTask(link); count--) link.claim();
  }),
  "another result": toWorker(hasTask, (link) => link.answer()),
  error: toWorker(hasTask, (link) => link.fail(new RangeError("on purpose"))),
  "unread result": toWorker(hasTask, (link) => link.answerUnread()),
  "read it": toWorker(
    () => true,
    (link) => link.drain(),
  ),
  unreadable: toWorker(hasTask, (link) => link.unreadable(new Error("on purpose"))),
  "refused send": toWorker(
    ({ life }) => life === "ready",
    (link) => void link.sendErrors.push(new Error("on purpose")),
  ),
  "unread results, one lost": toWorker(hasTask, (link, { random }) => {
    link.answerUnread();
    if (hasTask(link) && random.next() < 0.5) link.unreadable(new Error("on purpose"));
  }),
  gone: toWorker(
    ({ life }) => life !== "gone",
    (link) => link.gone(),
  ),
  "gone with its call": toWorker(hasTask, (link) => link.gone()),
  "gone after its call began": toWorker(hasTask, (link) => {
    link.claim();
    link.gone({ exitCode: null, signal: "SIGKILL" });
  }),
  cancel: ({ tasks, random }) => void (tasks.length > 0 && random.pick(tasks).cancel("on purpose")),
  abort: ({ controllers, random }) => void (controllers.length > 0 && random.pick(controllers).abort()),
  resize: ({ dispatcher, random, maxWorkers }) => {
    dispatcher.resize({ minWorkers: random.below(2), maxWorkers: 1 + random.below(maxWorkers) });
  },
  "ask for ready": ({ dispatcher }) => void dispatcher.ready().catch(() => {}),
  "a little time": ({ clock, random }) => clock.advance(random.below(10)),
  "much time": ({ clock, random }) => clock.advance(random.below(200)),
};

/** With these as often as the others nearly every executor would be broken. */
const RARE = new Set([
  "unread results, one lost",
  "start failed",
  "start throws",
  "refused send",
  "unreadable",
  "gone",
  "resize",
]);

/** What must always hold. Without `expect`, which would take most of the time. */
function check({ tasks, ends, dispatcher, driver, maxWorkers }: Run): void {
  const statistics = dispatcher.statistics();
  const count = { pending: 0, running: 0, fulfilled: 0, rejected: 0, cancelled: 0 };
  for (const task of tasks) {
    count[task.state]++;
    const end = ends.get(task);
    must(end === undefined || task.state === end, `${task.name} was ${end} and is ${task.state}`);
    must(task.sends <= 3, `${task.name} was sent ${task.sends} times`);
    if (task.state !== "pending" && task.state !== "running") ends.set(task, task.state);
  }
  must(statistics.submitted === tasks.length, `submitted ${statistics.submitted} of ${tasks.length}`);
  for (const state of Object.keys(count) as TaskState[]) {
    must(statistics[state] === count[state], `${statistics[state]} ${state}, not ${count[state]}`);
  }
  const { alive } = driver;
  const busy = alive.filter(({ has }) => has.length > 0);
  must(busy.length <= maxWorkers, `${busy.length} of ${maxWorkers} workers are busy`);
  const most = driver.mostInFlight;
  must(
    alive.every(({ has }) => has.length <= most),
    `a worker has more than ${most} calls`,
  );
  const has = new Set<Task<unknown>>();
  for (const task of alive.flatMap((link) => link.has)) {
    must(!has.has(task), `${task.name} is at two workers`);
    has.add(task);
  }
  if (count.pending > 0) {
    must(alive.length > 0 || isCrashLoop(driver.links), "a call waits for nobody");
    // One whose answer was not read is not known to be free.
    const free = alive.filter((link) => link.life === "ready" && link.has.length === 0 && !link.hasUnread);
    const inQueue = tasks.some((task) => task.state === "pending" && !has.has(task));
    must(free.length === 0 || !inQueue, "a call waits beside a free worker");
  }
}

/** Then there are pauses, in which nobody is there. */
function isCrashLoop(links: readonly FakeLink[]): boolean {
  return links.filter(({ life, killed }) => life === "gone" && !killed).length > 2;
}

/** The longest pause is a second. */
async function afterPause(run: Run): Promise<void> {
  const { clock, dispatcher, driver } = run;
  const isLeft = (): boolean => dispatcher.statistics().pending > 0 && driver.alive.length === 0;
  for (let count = 0; count < 100 && isLeft(); count++) await clock.advance(10);
  must(!isLeft(), "a call waits for nobody, after the longest pause");
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** Everything ends: workers that were told to go, in some order, some never. */
async function finish(run: Run): Promise<void> {
  const { dispatcher, clock, driver, random } = run;
  const limits = { cancelPending: random.next() < 0.5, timeoutMs: random.pick([0, 5, 100]) };
  let done = false;
  const report = dispatcher.shutdown(limits).finally(() => (done = true));
  for (let count = 0; count < 1_000 && !done; count++) {
    await clock.advance(random.below(50));
    const link = random.pick([undefined, ...driver.links]);
    if (link?.life === "ending") link.gone();
    else if (link !== undefined && hasTask(link)) link.answer();
    check(run);
  }
  const { finished, cancelled, killed } = await report;
  expect(finished).toBeGreaterThanOrEqual(0);
  expect(finished + cancelled.length + killed.length).toBeLessThanOrEqual(run.tasks.length);
  check(run);
  expect(dispatcher.statistics()).toMatchObject({ state: "closed", pending: 0, running: 0 });
  expect(driver.alive).toEqual([]);
}

async function explore(seed: number): Promise<Run> {
  const run = start(seed);
  const names = Object.keys(STEPS_BY_NAME);
  try {
    for (let step = 0; step < STEPS; step++) {
      const likely = run.random.pick(names);
      const name = RARE.has(likely) && run.random.next() < 0.7 ? "all ready" : likely;
      run.trail.push(name);
      await STEPS_BY_NAME[name]!(run);
      check(run);
    }
    run.trail.push("pause");
    await afterPause(run);
    check(run);
    run.trail.push("shutdown");
    await finish(run);
    // The promises say what the states say, and nothing is left that never settles.
    const outcomes = await Promise.allSettled(run.tasks);
    const rejected = run.tasks.map(({ state }) => state !== "fulfilled");
    expect(outcomes.map(({ status }) => status === "rejected")).toEqual(rejected);
    return run;
  } catch (error) {
    throw new Error(`seed ${seed}: ${run.trail.join(", ")}`, { cause: error });
  }
}

describe("any order of events", () => {
  test(`keeps the promises, in ${SEEDS} random ones of ${STEPS} steps`, { timeout: 120_000 }, async () => {
    const before = heldHandles();
    const seen = {
      fulfilled: 0,
      rejected: 0,
      cancelled: 0,
      timedOut: 0,
      lost: 0,
      requeued: 0,
      workersLost: 0,
    };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const statistics = (await explore(seed)).dispatcher.statistics();
      for (const key of Object.keys(seen) as (keyof typeof seen)[]) seen[key] += statistics[key];
    }
    await turn();
    expect(heldHandles()).toBe(before);
    // The orders reach every corner, or the test would mean little.
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(100);
  });
});
