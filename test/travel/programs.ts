/**
 * Whole programs in processes of their own: what depends on how a program was started cannot be seen from inside another.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

export const root = path.join(import.meta.dirname, "../..");
export const fixtures = path.join(root, "test/fixtures/travel");

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the program printed, as JSON, one value a line. */
  readonly values: unknown[];
}

export interface Start {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** Ends with the program. Its output is read as JSON only when all of it is. */
export function node(
  args: readonly string[],
  { cwd = root, env = {}, input = "" }: Start = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const { NODE_OPTIONS: _, VITEST: __, ...inherited } = process.env;
    const options = { cwd, env: { ...inherited, ...env }, timeout: 15_000, killSignal: "SIGKILL" as const };
    const child = execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr, values: parsed(stdout) });
    });
    // It may end without reading.
    child.stdin!.on("error", () => {}).end(input);
  });
}

function parsed(output: string): unknown[] {
  try {
    return output
      .split("\n")
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line));
  } catch {
    return [];
  }
}

/**
 * A folder outside of this package with these files, that sees offloop among its installed packages. Removed when the test has
 * ended.
 */
export function project(files: Readonly<Record<string, string>>, name = "project"): string {
  const temporary = realpathSync(mkdtempSync(path.join(tmpdir(), "offloop-travel-")));
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
  const folder = path.join(temporary, name);
  mkdirSync(path.join(folder, "node_modules"), { recursive: true });
  link(root, path.join(folder, "node_modules/offloop"));
  link(path.join(root, "node_modules/tsx"), path.join(folder, "node_modules/tsx"));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
}

export function link(target: string, at: string): void {
  mkdirSync(path.dirname(at), { recursive: true });
  symlinkSync(target, at);
}

export function copyFixtures(names: readonly string[], folder: string, as?: string): void {
  for (const name of names) cpSync(path.join(fixtures, name), path.join(folder, as ?? path.basename(name)));
}

export const nodeMajor = Number.parseInt(process.versions.node, 10);
