/**
 * Signals reach the program, each once, whether they are sent to `offloop watch` alone or to all of its process group.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { hasPty, typedAt } from "./pty.ts";

const cli = join(import.meta.dirname, "../../dist/src/cli/main.js");
const program = join(import.meta.dirname, "../fixtures/loop/program.mjs");
const isWindows = process.platform === "win32";

class Heard {
  text = "";
  readonly #output: Readable;

  constructor(output: Readable) {
    this.#output = output;
    output.setEncoding("utf8").on("data", (part: string) => (this.text += part));
  }

  get signals(): string[] {
    return this.text.match(/SIG[A-Z0-9]+/g) ?? [];
  }

  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found !== null) return found[1] ?? "";
      await once(this.#output, "data");
    }
  }

  async untilSignals(...names: string[]): Promise<void> {
    await this.until(new RegExp(names.join("(.|\\s)*")));
    expect(this.signals).toEqual(names);
  }
}

function watch(env: NodeJS.ProcessEnv = process.env): {
  pid: number;
  heard: Heard;
  stderr: Heard;
  end: Promise<unknown[]>;
} {
  const args = [cli, "watch", "--out", "/dev/null", program, "signals"];
  const child = spawn(process.execPath, args, { stdio: "pipe", detached: true, env });
  endLater(child.pid!);
  const [heard, stderr] = [new Heard(child.stdout), new Heard(child.stderr)];
  return { pid: child.pid!, heard, stderr, end: once(child, "close") };
}

/** All of a group, when the test has failed before. */
function endLater(leader: number): void {
  onTestFinished(() => {
    try {
      process.kill(-leader, "SIGKILL");
    } catch {
      // It has ended.
    }
  });
}

/** Of a process group, on Linux. A zombie is none, and may be one for ever where nobody looks after orphans. */
function membersOf(group: number): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").filter((pid) => {
    try {
      const [state, , pgrp] = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)!.split(" ");
      return Number(pgrp) === group && state !== "Z";
    } catch {
      return false;
    }
  });
}

describe.skipIf(isWindows)("a signal", () => {
  test("to the command alone is passed on, and opens no port", async () => {
    const { pid, heard, stderr, end } = watch();
    await heard.until(/ready/);
    const sent: NodeJS.Signals[] = [];
    for (const name of ["SIGINT", "SIGHUP", "SIGQUIT", "SIGABRT", "SIGUSR1", "SIGUSR2", "SIGALRM"] as const) {
      process.kill(pid, name);
      sent.push(name);
      await heard.untilSignals(...sent);
    }
    for (const name of ["SIGCONT", "SIGWINCH", "SIGTERM"] as const) {
      process.kill(pid, name);
      sent.push(name);
      await heard.untilSignals(...sent);
    }
    expect(await end).toEqual([0, null]);
    expect(stderr.text).toBe("");
  });

  test("to the group comes once", async () => {
    const { pid, heard, end } = watch();
    await heard.until(/ready/);
    const sent: NodeJS.Signals[] = [];
    for (const name of ["SIGINT", "SIGHUP", "SIGQUIT", "SIGINT", "SIGUSR1"] as const) {
      process.kill(-pid, name);
      sent.push(name);
      await heard.untilSignals(...sent);
      // Whatever is passed on comes in order.
      process.kill(pid, "SIGUSR2");
      sent.push("SIGUSR2");
      await heard.untilSignals(...sent);
    }
    // The command, the program, and the one that is asked.
    if (process.platform === "linux") expect(membersOf(pid)).toHaveLength(3);
    process.kill(-pid, "SIGTERM");
    expect(await end).toEqual([0, null]);
    expect(heard.signals).toEqual([...sent, "SIGTERM"]);
    while (membersOf(pid).length > 0) await new Promise(setImmediate);
  });

  test("to the command alone is passed on where nobody can be asked", async () => {
    const { pid, heard, end } = watch({ PATH: "/nowhere" });
    await heard.until(/ready/);
    if (process.platform === "linux") expect(membersOf(pid)).toHaveLength(2);
    process.kill(pid, "SIGINT");
    await heard.untilSignals("SIGINT");
    process.kill(pid, "SIGTERM");
    expect(await end).toEqual([0, null]);
  });

  test("also when two go different ways at once", async () => {
    const { pid, heard, end } = watch();
    await heard.until(/ready/);
    process.kill(-pid, "SIGINT");
    process.kill(pid, "SIGUSR2");
    await heard.untilSignals("SIGINT", "SIGUSR2");
    process.kill(pid, "SIGTERM");
    expect(await end).toEqual([0, null]);
    expect(heard.signals).toEqual(["SIGINT", "SIGUSR2", "SIGTERM"]);
  });
});

describe.runIf(hasPty)("in a terminal", () => {
  test("Ctrl-C and Ctrl-\\ come once, and so does the same signal from elsewhere", async () => {
    const terminal = typedAt([cli, "watch", "--out", "/dev/null", program, "signals"]);
    const heard = new Heard(terminal.stdout);
    const pid = Number(await heard.until(/ready (\d+)\s/));
    endLater(pid);
    terminal.stdin.write("\u0003");
    await heard.untilSignals("SIGINT");
    process.kill(pid, "SIGUSR2");
    await heard.untilSignals("SIGINT", "SIGUSR2");
    terminal.stdin.write("\u001C");
    await heard.untilSignals("SIGINT", "SIGUSR2", "SIGQUIT");
    process.kill(pid, "SIGINT");
    await heard.untilSignals("SIGINT", "SIGUSR2", "SIGQUIT", "SIGINT");
    process.kill(pid, "SIGTERM");
    expect(await once(terminal, "close")).toEqual([0, null]);
    expect(heard.signals).toEqual(["SIGINT", "SIGUSR2", "SIGQUIT", "SIGINT", "SIGTERM"]);
  });
});
