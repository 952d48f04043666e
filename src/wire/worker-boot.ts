/**
 * What main hands to a new worker before anything else.
 */
import type { MessagePort } from "node:worker_threads";
import type { Stdio } from "../core/stdio.ts";

export interface WorkerBoot {
  readonly id: number;
  /** The niceness to take, or undefined to stay as the parent is. */
  readonly nice: number | undefined;
  /** URL of tsx's API, when the program runs under tsx and workers do not inherit its hooks. */
  readonly tsx: string | undefined;
  /** Whether to tell how much memory it takes. */
  readonly weighed: boolean;
}

/** The first visit of a thread. Later ones carry nothing. */
export interface ThreadBoot extends WorkerBoot {
  readonly port: MessagePort;
  readonly words: SharedArrayBuffer;
  readonly stdio: Stdio;
}

/** The thread of an actor. */
export interface ActorThreadBoot extends WorkerBoot {
  /** See call-counts.ts. */
  readonly counts: SharedArrayBuffer;
  readonly stdio: Stdio;
}

/** A child process gets this as its first argument. */
export interface ProcessBoot extends WorkerBoot {
  /** The process without which it must not live. */
  readonly parent: number;
  /** What messages of ours are known by. A number that nobody else sends, no secret. */
  readonly key: number;
  /** Whether it is asked where its task is. */
  readonly stacks: boolean;
}

/** The file of the shared words, or of the counts of an actor, inherited. 0 to 2 are the standard streams, 3 is Node's IPC channel. */
export const WORDS_FD = 4;

/** Where a child process writes why it dies of a fatal error, see src/pools/fatal-report.ts. */
export const REPORT_FD = 5;

/** The pipe of the calls to main for which a child process blocks. */
export const MAIN_FD = 6;

/** The pipe on which a child process is asked where its task is, if it is. */
export const STACK_FD = 7;
