/**
 * What an executor means to the life of its program, in real ones. A program's output is inherited by its workers, so it
 * closes only when the program and all of them are gone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Gate, gate } from "offloop/testing";
import { afterEach, describe, expect, test } from "vitest";
import { endPrograms, run } from "./program.ts";

afterEach(endPrograms);

const KINDS = ["thread", "process", "inline"];
const APART = ["thread", "process"];

describe.each(KINDS)("%s: a program", (kind) => {
  test.each(kind === "inline" ? ["work"] : ["nothing", "starting", "ready", "work"])(
    "ends by itself after %s",
    async (after) => {
      const { code, stdout, stderr } = await run("idle.mjs", [kind, after]).end;
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "end\n", stderr: "" });
    },
  );

  test("is held by a call until that is settled", async () => {
    const held: Gate = gate();
    const { end } = run("pending.mjs", [kind, held.token.folder]);
    await held.wait();
    held.open();
    expect(await end).toMatchObject({ code: 0, stdout: "settled\n", stderr: "" });
  });

  test("is held by a shutdown until that is done", async () => {
    const { code, stdout, stderr } = await run("shut-down.mjs", [kind]).end;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "cancelled 1\n", stderr: "" });
  });

  test("may leave tasks alone that it ended itself", async () => {
    const { code, stdout, stderr } = await run("unawaited.mjs", [kind]).end;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "end\n", stderr: "" });
  });

  test.each([
    ["rests and could be read", "kept", "0\nend\n"],
    ["rests and was dropped", "dropped", "0\nend\n"],
    ["nobody ever read", "unread", "end\n"],
    ["was left and whose finally never ends", "left", "0\nend\n"],
    ["was abandoned and whose finally never ends", "abandoned", "0\nend\n"],
  ])("is not held by a stream that %s", async (_title, how, stdout) => {
    expect(await run("streams.mjs", [kind, how]).end).toEqual({ code: 0, signal: null, stdout, stderr: "" });
  });

  test("that drops a stream is warned when it is collected, and its function ends", async () => {
    const { code, stdout, stderr } = await run("streams.mjs", [kind, "collected"], ["--expose-gc"]).end;
    expect({ code, lines: stdout.split("\n").toSorted() }).toEqual({
      code: 0,
      lines: ["", "0", "end", "finally", '{"cancelled":1,"running":0,"workersLost":0}'].toSorted(),
    });
    expect(stderr).toMatch(
      /\[OFFLOOP_WARN_STREAM_DROPPED\] OffloopWarning: tellsItsEnd: a stream was dropped before its end/,
    );
  });

  test("is held by a call beside a stream that rests, and by nothing after that", async () => {
    const held: Gate = gate();
    const { end } = run("streams.mjs", [kind, "call", held.token.folder]);
    await held.wait();
    held.open();
    expect(await end).toMatchObject({ code: 0, stdout: "0\nend\nsettled\n", stderr: "" });
  });

  test("that drops an executor at work is warned, and the work is done", async () => {
    await expectWarning(kind, "working", "42\n");
  });
});

test("a program that drops an idle executor is warned", async () => {
  await expectWarning("thread", "idle", "");
});

async function expectWarning(kind: string, state: string, result: string): Promise<void> {
  const { code, stdout, stderr } = await run("dropped.mjs", [kind, state], ["--expose-gc"]).end;
  expect({ code, stdout }).toEqual({ code: 0, stdout: result });
  expect(stderr).toContain("[OFFLOOP_WARN_UNCLOSED] OffloopWarning: The executor forgotten");
}

test("a program ends of a failed task that nobody awaits, as of any promise", async () => {
  const { code, stderr } = await run("unawaited.mjs", ["thread", "fail"]).end;
  expect(code).toBe(1);
  expect(stderr).toContain("SyntaxError");
});

test("an import starts nothing and listens to nothing, nor do executors and their work", async () => {
  const { stdout } = await run("footprint.mjs", []).end;
  const { before, imported, working, after } = JSON.parse(stdout) as Record<string, { listeners: string[] }>;
  expect(imported).toEqual(before);
  expect(working).toEqual(before?.listeners);
  expect(after).toEqual(before?.listeners);
});

describe.each(APART)("%s: a program", (kind) => {
  test("is not held by what went wrong", async () => {
    const folder = mkdtempSync(join(tmpdir(), "offloop-test-"));
    const { code, stdout } = await run("refused.mjs", [kind, join(folder, "file")]).end;
    rmSync(folder, { recursive: true });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "refused\n".repeat(3) });
  });
});

describe.each(APART)("%s: a worker that loops for ever", (kind) => {
  test.each([
    ["calls process.exit()", "exit", { code: 3, signal: null }],
    ["throws", "enough", { code: 1, signal: null }],
  ])("goes when main %s", async (_, order, end) => {
    const program = run("looping.mjs", [kind]);
    await program.says("looping");
    program.child.stdin?.write(order);
    expect(await program.end).toMatchObject(end);
  });

  test.each(["SIGTERM", "SIGKILL"] as const)("goes when main gets %s", async (signal) => {
    const program = run("looping.mjs", [kind]);
    await program.says("looping");
    program.child.kill(signal);
    expect(await program.end).toMatchObject({ code: null, signal });
  });

  test("goes when the terminal interrupts the whole group", async () => {
    const program = run("looping.mjs", [kind]);
    await program.says("looping");
    process.kill(-(program.child.pid ?? NaN), "SIGINT");
    expect(await program.end).toMatchObject({ signal: "SIGINT" });
  });
});
