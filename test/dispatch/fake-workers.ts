/**
 * Workers that do what the test says, when it says so.
 */
export { heldHandles } from "./held-handles.ts"; // first: it must be loaded before the dispatcher is
import type { CallOptions } from "#internal/core/call-options";
import type { Loss } from "#internal/core/errors";
import type { ExecutorOptions } from "#internal/core/executor";
import { completeOptions } from "#internal/core/executor-options";
import { functionHandle } from "#internal/core/function-handle";
import { Task } from "#internal/core/task";
import { Dispatcher } from "#internal/dispatch/dispatcher";
import type { TravelHelp } from "#internal/dispatch/travel-help";
import type { WorkerDriver, WorkerEvents, WorkerLink } from "#internal/dispatch/worker-link";
import { FakeClock } from "#internal/testing/fake-clock";
import { encodeError } from "#internal/wire/error-codec";
import { ResultKind, type WireLoadFailure } from "#internal/wire/messages";
import { SharedWords } from "#internal/wire/words";

export class FakeDriver implements WorkerDriver {
  readonly kind = "thread";
  /** Every worker that was ever started. */
  readonly links: FakeLink[] = [];
  /** Thrown by the next starts, one each. */
  readonly startErrors: unknown[] = [];

  start(workerId: number, events: WorkerEvents): WorkerLink {
    if (this.startErrors.length > 0) throw this.startErrors.shift();
    const link = new FakeLink(workerId, events);
    this.links.push(link);
    return link;
  }

  get last(): FakeLink {
    return this.links.at(-1)!;
  }

  /** Those that are neither gone nor told to end. */
  get alive(): FakeLink[] {
    return this.links.filter((link) => link.life === "starting" || link.life === "ready");
  }
}

/** `ending`: was told to, and is not gone. */
type Life = "starting" | "ready" | "ending" | "gone";

export class FakeLink implements WorkerLink {
  readonly id: number;
  readonly threadId: number;
  readonly pid = undefined;
  readonly words = new SharedWords();
  readonly #events: WorkerEvents;
  life: Life = "starting";
  /** What it has and did not answer. */
  readonly has: Task<unknown>[] = [];
  /** Names of all that it was sent. */
  readonly sent: string[] = [];
  readonly stops: { readonly taskId: number; readonly reason: unknown }[] = [];
  killed = false;
  finishing = false;
  /** Whether it can be ended from outside. */
  killable = true;
  /** Thrown by the next sends, one each. */
  readonly sendErrors: unknown[] = [];
  readonly #unread: (() => void)[] = [];

  constructor(id: number, events: WorkerEvents) {
    this.id = id;
    this.threadId = 100 + id;
    this.#events = events;
  }

  send(tasks: readonly Task<unknown>[]): void {
    if (this.life !== "ready") throw new Error(`sent to a worker that is ${this.life}`);
    if (this.sendErrors.length > 0) throw this.sendErrors.shift();
    this.has.push(...tasks);
    this.sent.push(...tasks.map(({ name }) => name));
  }

  stop(taskId: number, reason: unknown): void {
    this.words.requestStop(taskId);
    this.stops.push({ taskId, reason });
  }

  get hasUnread(): boolean {
    return this.#unread.length > 0;
  }

  drain(): void {
    for (const message of this.#unread.splice(0)) message();
  }

  finish(): void {
    this.finishing = true;
    this.life = "ending";
  }

  kill(): boolean {
    if (!this.killable) return false;
    this.killed = true;
    if (this.life !== "gone") this.life = "ending";
    return true;
  }

  /** The one task that it has. */
  get task(): Task<unknown> {
    const [task] = this.has;
    if (task === undefined || this.has.length > 1) throw new Error(`it has ${this.has.length} tasks`);
    return task;
  }

  ready(nice: number | undefined = 19): void {
    this.life = "ready";
    this.#events.ready(nice);
  }

  startFailed(cause: unknown): void {
    this.#events.startFailed(cause);
  }

  /** It begins its call. */
  claim(): number {
    const { id } = this.task;
    this.words.claim(id);
    return id;
  }

  /** Its answer has left and was not read yet. */
  answerUnread(value: unknown = "done"): void {
    const id = this.#done();
    this.#unread.push(() => this.#events.results([id, ResultKind.value, value, 1]));
  }

  answer(value: unknown = "done"): void {
    this.answerUnread(value);
    this.drain();
  }

  fail(error: unknown): void {
    this.#events.results([this.#done(), ResultKind.error, encodeError(error), 1]);
  }

  /** It could not find the function of its call. */
  notLoaded(error: unknown, module?: string): void {
    const { id, handle: asked } = this.task;
    this.has.length = 0;
    const failure: WireLoadFailure = { functionId: asked.id, module, error: encodeError(error) };
    this.#events.results([id, ResultKind.notLoaded, failure, 0]);
  }

  #done(): number {
    const id = this.claim();
    this.words.send(id);
    this.has.length = 0;
    return id;
  }

  /** An answer to a task that it may not even have. */
  answerAs(taskId: number): void {
    this.#events.results([taskId, ResultKind.value, "stray", 1]);
  }

  unreadable(cause: unknown): void {
    this.has.length = 0;
    this.#events.unreadable("result", cause);
  }

  gone(loss: Partial<Loss> = {}): void {
    if (this.life === "gone") return;
    this.life = "gone";
    this.has.length = 0;
    this.drain();
    this.#events.gone({ exitCode: 1, signal: null, oom: false, ...loss });
  }
}

export interface Setup {
  readonly clock: FakeClock;
  readonly driver: FakeDriver;
  readonly dispatcher: Dispatcher;
  /** Submits a call with that name. Its rejection counts as handled. */
  readonly submit: (name?: string, options?: CallOptions, args?: unknown[]) => Task<unknown>;
  /** A worker that has started, for a dispatcher that has none. */
  readonly firstReady: () => FakeLink;
}

export const handle = functionHandle(() => {}, null);

const noHelp: TravelHelp = {
  findErrorClass: () => undefined,
  resendAs: (_task, { error }) => {
    throw error;
  },
};

export function setup(options: ExecutorOptions = {}, help: Partial<TravelHelp> = {}): Setup {
  const clock = new FakeClock();
  const driver = new FakeDriver();
  const complete = completeOptions({ clock, maxWorkers: 2, ...options }, "Test", {
    name: "fakes",
    maxWorkers: () => 2,
  });
  const dispatcher = new Dispatcher(driver, { ...complete, clock }, { ...noHelp, ...help });
  const submit: Setup["submit"] = (name = "call", callOptions = {}, args = []) => {
    const task = new Task<unknown>(dispatcher, handle, args, { name, ...callOptions });
    task.catch(() => {});
    dispatcher.submit(task);
    return task;
  };
  const firstReady = (): FakeLink => {
    dispatcher.ready().catch(() => {});
    driver.last.ready();
    return driver.last;
  };
  return { clock, driver, dispatcher, submit, firstReady };
}

/** Microtasks have run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
