/**
 * Real programs that use executors, in a process group of their own.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const programs = join(import.meta.dirname, "fixtures/programs");
const running = new Set<ChildProcess>();

export interface Program {
  readonly child: ChildProcess;
  /** Resolves when its output has this text. */
  says(text: string): Promise<void>;
  /** When it and its workers are gone. */
  readonly end: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
}

/** A program of test/fixtures/programs/. Its output is inherited by its workers, so it ends when all of them are gone. */
export function run(program: string, args: readonly string[], execArgv: readonly string[] = []): Program {
  const child = spawn(process.execPath, [...execArgv, join(programs, program), ...args], {
    stdio: "pipe",
    // A group of its own, as a terminal gives each command.
    detached: true,
  });
  running.add(child);
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => (output[stream] += text));
  }
  return {
    child,
    async says(text) {
      while (!output.stdout.includes(text)) await once(child.stdout, "data");
    },
    end: once(child, "close").then(([code, signal]: (number | string | null)[]) => {
      running.delete(child);
      return { code: code as number | null, signal: signal as string | null, ...output };
    }),
  };
}

/** After a test that failed: its programs and their workers. */
export function endPrograms(): void {
  for (const { pid = NaN } of running) process.kill(-pid, "SIGKILL");
  running.clear();
}
