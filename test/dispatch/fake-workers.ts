/**
 * Workers that do what the test says, when it says so.
 */
export { heldHandles } from "./held-handles.ts"; // first: it must be loaded before the dispatcher is
import type { CallOptions } from "#internal/core/call-options";
import type { Loss, StackFrame } from "#internal/core/errors";
import type { ExecutorOptions } from "#internal/core/executor";
import { completeOptions } from "#internal/core/executor-options";
import { functionHandle } from "#internal/core/function-handle";
import { Task } from "#internal/core/task";
import { Dispatcher } from "#internal/dispatch/dispatcher";
import type { TravelHelp } from "#internal/dispatch/travel-help";
import type { WorkerDriver, WorkerEvents, WorkerLink } from "#internal/dispatch/worker-link";
import { FakeClock } from "#internal/testing/fake-clock";
import { isBefore } from "#internal/wire/claims";
import { encodeError } from "#internal/wire/error-codec";
import { ResultKind, RESULTS, type WireLoadFailure } from "#internal/wire/messages";
import { SharedWords } from "#internal/wire/words";

export class FakeDriver implements WorkerDriver {
  readonly kind = "thread";
  readonly mostInFlight: number;
  /** Every worker that was ever started. */
  readonly links: FakeLink[] = [];
  /** Thrown by the next starts, one each. */
  readonly startErrors: unknown[] = [];

  constructor(most: number) {
    this.mostInFlight = most;
  }

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

interface Call {
  readonly task: Task<unknown>;
  readonly seq: number;
  begun: boolean;
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
  /** What it was sent has not left for it yet. */
  isCongested = false;
  /** Of a worker that can be asked. */
  taskStack?: () => Promise<StackFrame[] | undefined>;
  readonly #calls: Call[] = [];
  /** How long its calls run. */
  runMs = 1;
  /** Names of all that it was sent. */
  readonly sent: string[] = [];
  /** How many calls came together, each time. */
  readonly frames: number[] = [];
  readonly stops: { readonly taskId: number; readonly reason: unknown }[] = [];
  killed = false;
  finishing = false;
  /** Whether it can be ended from outside. */
  killable = true;
  /** Thrown by the next sends, one each. */
  readonly sendErrors: unknown[] = [];
  readonly #unread: (() => void)[] = [];
  canDrain = true;

  constructor(id: number, events: WorkerEvents) {
    this.id = id;
    this.threadId = 100 + id;
    this.#events = events;
  }

  /** What it has and did not answer, without what was taken back. */
  get has(): readonly Task<unknown>[] {
    return this.#mine.map(({ task }) => task);
  }

  get #mine(): readonly Call[] {
    return this.#calls.filter(({ seq, begun }) => begun || !isBefore(seq, this.words.claimed));
  }

  send(tasks: readonly Task<unknown>[], first: number): void {
    if (this.life !== "ready") throw new Error(`sent to a worker that is ${this.life}`);
    const refusal = this.sendErrors.shift();
    if (refusal !== undefined) throw refusal as Error;
    this.#calls.push(...tasks.map((task, index) => ({ task, seq: first + index, begun: false })));
    this.sent.push(...tasks.map(({ name }) => name));
    this.frames.push(tasks.length);
  }

  stop(taskId: number, reason: unknown): void {
    this.words.requestStop(taskId);
    this.stops.push({ taskId, reason });
  }

  get hasUnread(): boolean {
    return this.#unread.length > 0;
  }

  drain(): void {
    if (!this.canDrain) return;
    for (let message = this.#unread.shift(); message !== undefined; message = this.#unread.shift()) message();
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

  /** It begins its next call, if it has one that was not begun. The id of the one that has begun last. */
  claim(): number {
    const next = this.#calls.find(({ begun }) => !begun);
    if (next === undefined) return this.#mine.at(-1)!.task.id;
    if (this.words.claim(next.seq, this.startedAt)) {
      next.begun = true;
      return next.task.id;
    }
    this.#calls.splice(this.#calls.indexOf(next), 1);
    return this.claim();
  }

  /** The call that it has begun has ended, and the result waits in it. */
  keep(value: unknown): void {
    const { seq } = this.#mine.filter(({ begun }) => begun).at(-1)!;
    this.words.keep(seq, this.startedAt, this.runMs, value);
  }

  /** When its next calls begin, on the machine's clock. */
  startedAt = 0;

  /** It loads the function of its next call. */
  load(): void {
    this.words.load(this.#mine.find(({ begun }) => !begun)!.task.id);
    this.claim();
  }

  /** The answer to its first call has left and was not read yet. */
  answerUnread(value: unknown = "done"): void {
    this.#answer(ResultKind.value, value);
  }

  answer(value: unknown = "done"): void {
    this.answerUnread(value);
    this.drain();
  }

  fail(error: unknown): void {
    this.#answer(ResultKind.error, encodeError(error));
    this.drain();
  }

  /** It could not find the function of its call. */
  notLoaded(error: unknown, module?: string): void {
    const functionId = this.has[0]!.handle.id;
    const failure: WireLoadFailure = { functionId, module, error: encodeError(error) };
    this.#answer(ResultKind.notLoaded, failure);
    this.drain();
  }

  #answer(kind: ResultKind, value: unknown): void {
    const { seq } = this.#done();
    this.#unread.push(() => this.#events.results([RESULTS, seq, this.startedAt, kind, value, this.runMs]));
  }

  #done(): Call {
    if (!this.#mine[0]!.begun) this.claim();
    const call = this.#mine[0]!;
    this.#calls.splice(0, this.#calls.indexOf(call) + 1);
    this.words.leave(call.seq + 1);
    return call;
  }

  /** An answer to a call that it may not even have. */
  answerAs(seq: number): void {
    this.#events.results([RESULTS, seq, 0, ResultKind.value, "stray", 1]);
  }

  /** It cannot read what it was sent. */
  refuse(cause: unknown): void {
    this.#events.unreadable({ direction: "argument", cause });
  }

  unreadable(cause: unknown): void {
    this.#done();
    this.#events.unreadable({ direction: "result", cause });
  }

  /** An answer that cannot be read has left. */
  unreadableUnread(cause: unknown): void {
    this.#done();
    this.#unread.push(() => this.#events.unreadable({ direction: "result", cause }));
  }

  gone(loss: Partial<Loss> = {}): void {
    if (this.life === "gone") return;
    this.life = "gone";
    this.#calls.length = 0;
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

/** `most`: how many calls a worker may have at a time. */
export function setup(
  { most = 1, ...options }: ExecutorOptions & { most?: number } = {},
  help: Partial<TravelHelp> = {},
): Setup {
  const clock = new FakeClock();
  const driver = new FakeDriver(most);
  const complete = completeOptions({ clock, maxWorkers: 2, ...options }, "Test", {
    name: "fakes",
    maxWorkers: () => 2,
  });
  const dispatcher = new Dispatcher(driver, { ...complete, clock, random: () => 0 }, { ...noHelp, ...help });
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
