/**
 * What debug mode remembers: where each task and each executor was made, and whether somebody has looked at the result. Off, it
 * costs one look at a field for each call.
 */
import { installedPackage } from "./installed-package.ts";
import { onAwaited } from "./on-awaited.ts";
import { sharedInRealm } from "./realm.ts";
import { warn } from "./warn.ts";

/** Something that was made somewhere and should come to an end. */
export interface Made {
  readonly what: string;
  readonly holder: { readonly stack?: string };
}

/** What the caller called. */
type Top = ((...args: never[]) => unknown) | (abstract new (...args: never[]) => unknown);

interface Submission extends Made {
  isSettled: boolean;
  isAwaited: boolean;
}

interface DebugMode {
  isOn: boolean;
  /** Ends what `setDebug` began. */
  stop: (() => void) | undefined;
  /** Those that are pending or that nobody awaits. */
  readonly submissions: Set<Submission>;
  /** Executors and actors that were not ended. */
  readonly unclosed: Set<Made>;
  /** Somebody tells the stalls already. */
  isWatched: boolean;
}

export const debugMode: DebugMode = sharedInRealm("debug", () => ({
  isOn: process.env["OFFLOOP_DEBUG"] === "1",
  stop: undefined,
  submissions: new Set<Submission>(),
  unclosed: new Set<Made>(),
  isWatched: false,
}));

const submissions = new WeakMap<object, Submission>();

const collected = new FinalizationRegistry<Submission>((submission) => {
  if (!submission.isAwaited) warn("UNAWAITED", unawaited(submission));
  submission.isAwaited = submission.isSettled = true;
  forgetEnded(submission);
});

/** The caller of `submit` made the task. */
export function noteSubmitted(
  task: Promise<unknown> & { readonly id: number; readonly name: string },
  submit: Top,
): void {
  const what = `Task ${task.id} (${task.name})`;
  const submission: Submission = { what, holder: stackOf(submit), isSettled: false, isAwaited: false };
  submissions.set(task, submission);
  debugMode.submissions.add(submission);
  collected.register(task, submission);
  onAwaited(task, () => {
    submission.isAwaited = true;
    forgetEnded(submission);
  });
}

/** An error says where its task was submitted, one that the caller gave is left alone. */
export function noteSettled(
  task: object,
  state: "fulfilled" | "rejected" | "cancelled",
  value: unknown,
): void {
  const submission = submissions.get(task);
  if (submission === undefined) return;
  submission.isSettled = true;
  // Who asked for its end need not look at it. An error that nobody looks at is Node's to tell.
  if (state !== "fulfilled") submission.isAwaited = true;
  forgetEnded(submission);
  const error = value as { stack?: unknown } | null;
  if (state !== "rejected" || typeof error !== "object" || typeof error?.stack !== "string") return;
  try {
    error.stack += `\n  ${submission.what} was submitted${placeOf(submission)}`;
  } catch {
    // Frozen: then not.
  }
}

/** `complaint`: what to say of it if it is never ended. */
export function noteUnclosed(complaint: string, make: Top): Made | undefined {
  if (!debugMode.isOn) return undefined;
  const made = { what: complaint, holder: stackOf(make) };
  debugMode.unclosed.add(made);
  return made;
}

export function forgetUnclosed(made: Made | undefined): void {
  if (made !== undefined) debugMode.unclosed.delete(made);
}

/** For an executor that nobody has to shut down. */
export function unnoted<T>(make: () => T): T {
  const { isOn } = debugMode;
  debugMode.isOn = false;
  try {
    return make();
  } finally {
    debugMode.isOn = isOn;
  }
}

/** What is left when the process ends, one text each, by the code of its warning. */
export function leftovers(): (readonly [code: string, text: string])[] {
  const pending = [...debugMode.submissions].filter(({ isSettled }) => !isSettled);
  const forgotten = [...debugMode.submissions].filter(({ isSettled }) => isSettled);
  return [
    ...pending.map(
      (one) =>
        ["PENDING_AT_EXIT", `${one.what} is pending at exit. It was submitted${placeOf(one)}`] as const,
    ),
    ...forgotten.map((one) => ["UNAWAITED", unawaited(one)] as const),
    ...[...debugMode.unclosed].map((one) => ["UNCLOSED", `${one.what}. It was made${placeOf(one)}`] as const),
  ];
}

function forgetEnded(submission: Submission): void {
  if (submission.isSettled && submission.isAwaited) debugMode.submissions.delete(submission);
}

function unawaited(submission: Submission): string {
  return `Nobody awaited ${submission.what}. It was submitted${placeOf(submission)}`;
}

function stackOf(top: Top): { stack?: string } {
  const holder = {};
  Error.captureStackTrace(holder, top);
  return holder;
}

/** The stack is made into text only now: most are never read. */
export function placeOf({ holder: { stack = "" } }: Made): string {
  const own = ownFolder();
  const lines = stack.split("\n").filter((line) => line.startsWith("    at "));
  const first = lines.findIndex((line) => own === undefined || !line.includes(own));
  return first === -1 ? "." : `:\n${lines.slice(first).join("\n")}`;
}

/** Without it our own lines stay: it is bundled into the program's file then. */
function ownFolder(): string | undefined {
  try {
    return `${installedPackage().folder}/dist/`;
  } catch {
    return undefined;
  }
}
