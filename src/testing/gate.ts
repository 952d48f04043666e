/**
 * Gates for every executor: threads wait on shared memory, processes on a file, both block; on the thread of the test itself
 * nothing can block, there a task awaits.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ownWorker } from "../core/realm.ts";

/** What a task needs to wait at a gate. Plain data: pass it as an argument. */
export interface GateToken {
  readonly folder: string;
}

/** Holds tasks until it is opened. */
export interface Gate {
  /** Lets everybody through, now and later. */
  open(): void;
  /**
   * Resolves when a task has arrived at the gate. What it sent before, a report or output, has another way and may come later: wait for that
   * itself.
   */
  wait(): Promise<void>;
  readonly token: GateToken;
}

const POLL_MS = 1;

/**
 * A gate, made by the test.
 *
 * @example
 * ```js
 * import { ThreadPoolExecutor } from "offloop";
 * import { gate, waitAt } from "offloop/testing";
 *
 * const pool = new ThreadPoolExecutor();
 * const held = gate();
 * const task = pool.submit(waitAt, [held.token]);
 * await held.wait();
 * console.log(task.state); // => running
 * held.open();
 * await task;
 * await pool.shutdown();
 * ```
 */
export function gate(): Gate {
  const folder = mkdtempSync(path.join(os.tmpdir(), "offloop-gate-"));
  if (!isCleaning) process.once("exit", () => closed.forEach(remove));
  isCleaning = true;
  closed.add(folder);
  return {
    token: { folder },
    open: () => remove(folder),
    async wait() {
      while (!existsSync(path.join(folder, ARRIVED))) await sleep();
    },
  };
}

const ARRIVED = "arrived";
/** Of this process. A test that fails may leave some. */
const closed = new Set<string>();
let isCleaning = false;

function remove(folder: string): void {
  closed.delete(folder);
  // Who arrives just now puts a file into it again.
  rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: POLL_MS });
}

/**
 * In a task: arrives at the gate, and is held until it opens. In a worker this blocks the thread, as a long computation
 * would; on the thread of the test it is a promise.
 */
export function waitAt({ folder }: GateToken): void | Promise<void> {
  arrive(folder);
  if (ownWorker() === undefined) return awaitGone(folder);
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (existsSync(folder)) Atomics.wait(never, 0, 0, POLL_MS);
}

function arrive(folder: string): void {
  try {
    writeFileSync(path.join(folder, ARRIVED), "");
  } catch (error) {
    // It is open.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

async function awaitGone(folder: string): Promise<void> {
  while (existsSync(folder)) await sleep();
}

const { setTimeout } = globalThis;

function sleep(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
