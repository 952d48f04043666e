/**
 * What a worker does before it imports anything of the user's.
 */
import os from "node:os";
import { ownWorker } from "../src/core/realm.ts";
import type { WorkerBoot } from "../src/wire/worker-boot.ts";

/** Returns the niceness that is in force. */
export async function prepare({ nice, tsx }: WorkerBoot): Promise<number | undefined> {
  if (tsx !== undefined) {
    // Before the first import: a module whose import failed stays failed.
    const { register } = (await import(tsx)) as { register(): void };
    register();
  }
  const isThread = ownWorker()?.kind === "thread";
  // Where piscina has set it: the thread cannot ask for its own.
  if (isThread && process.platform === "win32") return nice;
  // Linux counts each thread: pid 0 is the one that asks, the others keep theirs (setpriority(2), "C library/kernel
  // differences"). Elsewhere it is the process's, and a thread must leave it alone. Lowering it would need a privilege.
  const isOurs = !isThread || process.platform === "linux";
  if (isOurs && nice !== undefined && nice > os.getPriority()) os.setPriority(nice);
  return os.getPriority();
}
