/**
 * A stream, as those who run calls see it: one call in many turns. Each turn is a task that makes some items and ends; between
 * two of them the stream rests in its worker, which does other work.
 */
import type { CallOptions } from "./call-options.ts";
import type { Stores } from "./contexts.ts";
import type { AnyFunction, FunctionHandle } from "./function-handle.ts";
import type { Task, TaskPlace } from "./task.ts";

/** What a turn belongs to. */
export interface Turning {
  /** Its task's, and its first turn's. */
  readonly id: number;
  /** Makes the items: a turn's own function is one of ours. */
  readonly fn: AnyFunction;
  /** A worker has answered one of its turns. */
  readonly hasBegun: boolean;
  ran(place: TaskPlace, runMs: number): void;
}

/** The options of a turn. Not those of users: nothing else makes turns. */
export interface TurnOptions extends CallOptions {
  readonly stream?: Turning;
}

/** Undefined for a call that is no turn. */
export function streamOf(task: Task<unknown>): Turning | undefined {
  return (task.options as TurnOptions).stream;
}

/** What an executor gives a stream. */
export interface StreamWork {
  readonly id: number;
  /** The first turn, wherever there is room. With other arguments again when that was refused for want of it. */
  begin(handle: FunctionHandle, args: unknown[]): Task<unknown>;
  /** The next one, in the same worker. */
  resume(handle: FunctionHandle, args: unknown[]): Task<unknown>;
  /**
   * Nobody waits for the turn that is under way any more. The last turn, for what the function does in the end, in the same worker;
   * undefined when nothing has begun.
   */
  leave(handle: FunctionHandle, args: unknown[], reason: unknown): Task<unknown> | undefined;
  /** One item. */
  wasRead(): void;
  /** The stream has settled. To be called once, when no turn is under way. */
  settle(state: "fulfilled" | "rejected" | "cancelled", reason?: unknown): void;
  waitForCapacity(signal: AbortSignal): Promise<void>;
}

/** Whether what somebody waits for can come before the code ends that waits. */
export interface StreamWaits {
  /** For each turn of a stream that begins here: those who wait here wait for what its function asks of main. */
  accompanying(): (turn: object) => void;
  /** The first turn, before it leaves. */
  submitted(turn: Task<unknown>): void;
  /** For the executor to have room. */
  room(promise: Promise<void>): Promise<void>;
  /** For an item, of whatever turn there is then. */
  reading(
    next: Promise<unknown>,
    name: string,
    turn: () => Task<unknown> | undefined,
    refuse: (error: unknown) => void,
  ): void;
  /** For the function to come to its end, in that last turn. Refused, it does so all the same. */
  leaving(left: Promise<void>, name: string, turn: () => Task<unknown> | undefined): Promise<void>;
}

export interface StreamEvents {
  /** Its function is gone, while no turn was under way: its worker died, or its executor was shut down. */
  lost(error: unknown): void;
  /** Somebody else than its reader asks it to end. */
  cancelled(reason: unknown): void;
}

/** How an executor takes a stream. */
export interface StreamHost {
  open(
    stream: {
      readonly fn: AnyFunction;
      readonly name: string;
      readonly stores: Stores | undefined;
      /** Told of each turn as soon as it is made. */
      readonly accompany: (turn: object) => void;
      /** Told of the first turn before that leaves. */
      readonly submitted: (turn: Task<unknown>) => void;
      readonly options: CallOptions;
    },
    events: StreamEvents,
  ): StreamWork;
}
