/**
 * CPU time and run-queue time of one thread, from Linux: one read of 1 µs, and the thread is not woken by it.
 */
import { threadFile } from "./thread-file.ts";

export interface CpuTimes {
  /** Milliseconds on a CPU. */
  readonly cpuMs: number;
  /** Milliseconds in which it was ready to run, and had no CPU. */
  readonly waitMs: number;
}

/** The same object again for as long as the thread has not run. */
export type ReadCpuTimes = () => CpuTimes;

/** Undefined where Linux does not tell. */
export function schedstatOf(thread: number | "self"): ReadCpuTimes | undefined {
  const path = thread === "self" ? "/proc/thread-self/schedstat" : `/proc/self/task/${thread}/schedstat`;
  const read = threadFile(path, 64);
  if (read === undefined) return undefined;
  let seen = "";
  let times: CpuTimes = { cpuMs: 0, waitMs: 0 };
  return () => {
    const text = read();
    // 20 times a second of an idle thread: to take the text apart costs more than to read it.
    if (text === seen) return times;
    seen = text;
    const [cpu, wait] = text.split(" ");
    return (times = { cpuMs: Number(cpu) / 1e6, waitMs: Number(wait) / 1e6 });
  };
}
