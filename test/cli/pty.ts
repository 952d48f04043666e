/**
 * A real terminal, where there is what makes one: `script` of util-linux. That of BSD and macOS takes other arguments.
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";

export const hasPty = process.platform === "linux" && isUtilLinux();

function isUtilLinux(): boolean {
  try {
    return execFileSync("script", ["--version"], { encoding: "utf8" }).includes("util-linux");
  } catch {
    return false;
  }
}

/** Node with these arguments, in a terminal of its own: what is written to its stdin is typed there. */
export function typedAt(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams {
  const command = [process.execPath, ...args].map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(" ");
  return spawn("script", ["-qefc", `exec ${command}`, "/dev/null"], {
    stdio: "pipe",
    env: { ...process.env, NODE_OPTIONS: "", ...env },
  });
}
