import { execFile } from "node:child_process";
import { join } from "node:path";
import type { Stall } from "offloop";

export const fixtures = join(import.meta.dirname, "../fixtures/loop");
const root = join(import.meta.dirname, "../..");
/** Below the limit of a test. */
const LONGEST_MS = 55_000;

export interface Ended {
  readonly code: number | string | null | undefined;
  readonly signal: string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export function runNode(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return run(process.execPath, args, env);
}

export function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: root, timeout: LONGEST_MS, env: { ...process.env, NODE_OPTIONS: "", ...env } };
    execFile(file, args, options, (error, stdout, stderr) => {
      const { code, signal } = error ?? { code: 0, signal: null };
      resolve({ code, signal, stdout, stderr });
    });
  });
}

export type Line = { readonly type: string } & Readonly<Record<string, unknown>>;

export function lines(text: string): Line[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
}

export function stallsOf(text: string): Stall[] {
  return lines(text).filter(({ type }) => type === "stall") as unknown as Stall[];
}

/** On a busy machine a stall may be the machine's. Then the run-queue time says so, and nothing else may change the cause. */
export function isCause(stall: Stall, ...causes: readonly string[]): boolean {
  const { cause, cpuWaitMs = 0, durationMs } = stall;
  return causes.includes(cause) || (cause === "cpu-starved" && cpuWaitMs > durationMs * 0.4);
}
