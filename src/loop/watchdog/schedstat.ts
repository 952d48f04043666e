/**
 * CPU time and run-queue time of one thread, from Linux: one read of 1 µs, and the thread is not woken by it.
 */
import { openSync, readSync } from "node:fs";

export interface CpuTimes {
  /** Milliseconds on a CPU. */
  readonly cpuMs: number;
  /** Milliseconds in which it was ready to run, and had no CPU. */
  readonly waitMs: number;
}

/** The same object again for as long as the thread has not run. */
export type ReadCpuTimes = () => CpuTimes;

/** Undefined where there is no such file, or it may not be read. */
export function schedstatOf(thread: number | "self"): ReadCpuTimes | undefined {
  const path = thread === "self" ? "/proc/thread-self/schedstat" : `/proc/self/task/${thread}/schedstat`;
  const buffer = Buffer.alloc(64);
  const seen = Buffer.alloc(buffer.length);
  let times: CpuTimes = { cpuMs: 0, waitMs: 0 };
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return undefined;
  }
  return () => {
    const length = readSync(file, buffer, 0, buffer.length, 0);
    // 20 times a second of an idle thread: what is made of the text costs more than to read it.
    if (buffer.equals(seen)) return times;
    buffer.copy(seen);
    const [cpu, wait] = buffer.toString("latin1", 0, length).split(" ");
    return (times = { cpuMs: Number(cpu) / 1e6, waitMs: Number(wait) / 1e6 });
  };
}
