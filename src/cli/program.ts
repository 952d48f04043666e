/**
 * The user's program as a child process: Node with the monitor preloaded, in the same terminal.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { WATCH_VARIABLE, type WatchSettings } from "../core/watch-settings.ts";
import type { WatchCommand } from "./arguments.ts";

/** What the shell's user should read, in a line. */
export class CannotRun extends Error {}

/** It has started. @throws CannotRun */
export async function startProgram(command: WatchCommand): Promise<ChildProcess> {
  const { script, args, thresholdMs, report } = command;
  const file = find(script);
  const preload = new URL("../register.js", import.meta.url).href;
  const settings: WatchSettings = { thresholdMs, withStacks: report !== undefined, preload };
  const argv = [...typescriptLoader(file), "--import", preload, script, ...args];
  try {
    const child = spawn(process.execPath, argv, {
      stdio: ["inherit", "inherit", "inherit", "pipe", "pipe"],
      env: { ...process.env, [WATCH_VARIABLE]: JSON.stringify(settings) },
    });
    // Too many processes or open files are an event, and not thrown.
    await once(child, "spawn");
    return child;
  } catch (error) {
    // The permission model holds for this command as well when it is in NODE_OPTIONS.
    throw new CannotRun(`cannot start the program: ${(error as Error).message}`, { cause: error });
  }
}

/** As Node finds the file that it is started with. */
function find(script: string): string {
  const absolute = path.resolve(script);
  try {
    if (statSync(absolute).isFile()) return absolute;
  } catch {
    // Without its extension, perhaps.
  }
  try {
    return createRequire(path.join(process.cwd(), "noop.js")).resolve(absolute);
  } catch {
    throw new CannotRun(`cannot find the script ${absolute}`);
  }
}

/** tsx where the program has it. Newer versions of Node run TypeScript by themselves. */
function typescriptLoader(file: string): string[] {
  if (!/\.[cm]?tsx?$/.test(file)) return [];
  try {
    return ["--import", pathToFileURL(createRequire(file).resolve("tsx")).href];
  } catch (error) {
    const isNative = (process.features as { typescript?: unknown }).typescript;
    if (isNative !== undefined && isNative !== false && !file.endsWith("x")) return [];
    throw new CannotRun(`${file} is TypeScript: install tsx beside it (npm install --save-dev tsx)`, {
      cause: error,
    });
  }
}
