/**
 * What a worker does before it imports anything of the user's.
 */
import os from "node:os";
import type { WorkerBoot } from "../src/wire/worker-boot.ts";

/** Returns the niceness that is in force. */
export async function prepare({ nice, tsx }: WorkerBoot): Promise<number | undefined> {
  if (tsx !== undefined) {
    // Before the first import: a module whose import failed stays failed.
    const { register } = (await import(tsx)) as { register(): void };
    register();
  }
  if (process.platform !== "linux") return nice;
  // Linux counts each thread: pid 0 is the one that asks, the others keep theirs (setpriority(2), "C library/kernel
  // differences"). Lowering the niceness below the parent's would need a privilege.
  if (nice !== undefined && nice > os.getPriority()) os.setPriority(nice);
  return os.getPriority();
}
