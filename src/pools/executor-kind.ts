/**
 * What differs between the executors for threads, for processes and in place.
 */
import type { ExecutorOptions } from "../core/executor.ts";
import type { WorkerDriver } from "../dispatch/worker-link.ts";
import type { ResolveFunction } from "../wire/frames.ts";
import type { WorkerSetup } from "./worker-setup.ts";

/** What makes one kind of executor. */
export interface ExecutorKind {
  /** The class, for messages. */
  readonly owner: string;
  /** The first part of a default name. */
  readonly prefix: string;
  readonly maxWorkers: () => number;
  /** Whether a worker can be asked where its task is. */
  readonly hasStacks: boolean;
  /** A bound that this kind has by nature. */
  readonly mostWorkers?: number;
  /** Refuses options that have no meaning for this kind. @throws TypeError, RangeError */
  readonly check?: (options: ExecutorOptions, owner: string) => void;
  readonly resolve: ResolveFunction;
  readonly driver: (setup: WorkerSetup) => WorkerDriver;
}
