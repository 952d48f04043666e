/**
 * Real programs that real signals end.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

const program = join(import.meta.dirname, "../fixtures/service/program.mjs");
const running = new Set<ChildProcess>();

interface Run {
  readonly child: ChildProcess;
  readonly end: Promise<{ code: number | null; signal: string | null; lines: string[]; stderr: string }>;
  says(message: string): Promise<unknown>;
}

async function run(way: string, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const stdio = ["ignore", "pipe", "pipe", "ipc"] as const;
  const child = fork(program, [way], { stdio: [...stdio], env: { ...process.env, ...env } });
  running.add(child);
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]!.setEncoding("utf8").on("data", (text: string) => (output[stream] += text));
  }
  const end = once(child, "close").then(([code, signal]: unknown[]) => {
    running.delete(child);
    const lines = output.stdout.split("\n").slice(0, -1);
    return { code: code as number | null, signal: signal as string | null, lines, stderr: output.stderr };
  });
  const says = async (expected: string): Promise<void> => {
    const [message] = (await Promise.race([once(child, "message"), end.then((e) => [e])])) as unknown[];
    expect(message).toBe(expected);
  };
  await says("ready");
  return { child, end, says };
}

afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

const UP = ["database starts", "server starts"];
const DOWN = ["server stops", "database stops"];

describe("a program that is asked to end", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("by %s stops its services in reverse order", async (signal) => {
    const { child, end } = await run("has nothing else to do");
    child.kill(signal);
    expect(await end).toEqual({
      code: 0,
      signal: null,
      lines: [...UP, ...DOWN, "result undefined"],
      stderr: "",
    });
  });

  test("lets a main function that looks end first; the abort is no error", async () => {
    const { child, end } = await run("looks at its signal");
    child.kill("SIGTERM");
    expect(await end).toMatchObject({
      code: 0,
      lines: [...UP, "main cleans up", ...DOWN, "result undefined"],
    });
  });

  test("stops services without a main function that does not look, then waits for it", async () => {
    const { child, end, says } = await run("does not look");
    child.kill("SIGTERM");
    await says("stopped");
    child.send("end");
    expect(await end).toMatchObject({ code: 0, lines: [...UP, ...DOWN, "result end"] });
  });

  test("exits with 70 when the time is up, and says what it waited for", async () => {
    const { child, end } = await run("hangs in stop");
    child.kill("SIGTERM");
    const { code, lines, stderr } = await end;
    expect([code, lines]).toEqual([70, UP]);
    expect(stderr).toMatch(/100 ms.*stop server/);
  });

  test("exits with 70 when it hangs in start", async () => {
    const { child, end } = await run("hangs in start");
    child.kill("SIGTERM");
    const { code, stderr } = await end;
    expect(code).toBe(70);
    expect(stderr).toMatch(/start server/);
  });

  test("exits with 70 when its main function hangs", async () => {
    const { child, end } = await run("hangs in main");
    child.kill("SIGTERM");
    const { code, lines, stderr } = await end;
    expect([code, lines]).toEqual([70, UP]);
    expect(stderr).toMatch(/still: run the main function/);
  });

  test("exits with 70 when something is left behind", async () => {
    const { child, end } = await run("leaves a handle behind");
    child.kill("SIGTERM");
    const { code, lines, stderr } = await end;
    expect([code, lines.at(-1)]).toEqual([70, "result undefined"]);
    expect(stderr).toContain("Timeout");
  });

  test("exits with 130 at a second signal, at once", async () => {
    const { child, end, says } = await run("hangs in stop, and has time");
    child.kill("SIGTERM");
    await says("stopping");
    child.kill("SIGINT");
    expect(await end).toMatchObject({ code: 130, lines: UP });
  });

  test("writes its steps with OFFLOOP_DEBUG=1", async () => {
    const { child, end } = await run("has nothing else to do", { OFFLOOP_DEBUG: "1" });
    child.kill("SIGTERM");
    const { stderr } = await end;
    expect(stderr).toMatch(/start database: done after \d+ ms/);
    expect(stderr).toMatch(/SIGTERM received[^]*stop server[^]*stop database/);
  });

  test("lets calls in workers end", async () => {
    const { child, end } = await run("has a call in a worker");
    child.kill("SIGTERM");
    expect(await end).toMatchObject({ code: 0, lines: [...UP, ...DOWN, "worker done", "result undefined"] });
  });

  test("waits for a handler whose client is gone, before what the handler needs is stopped", async () => {
    const { child, end, says } = await run("has a handler whose client is gone");
    child.kill("SIGTERM");
    await says("stopped");
    child.send("go on");
    expect(await end).toMatchObject({
      code: 0,
      lines: ["database starts", "server stops", "handler done", "database stops", "result undefined"],
    });
  });
});
