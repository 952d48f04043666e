/**
 * Debug mode, in real programs.
 */
import { join } from "node:path";
import { setDebug } from "offloop";
import { describe, expect, test } from "vitest";
import { type Ended, lines, runNode } from "./loop/programs.ts";

const program = join(import.meta.dirname, "fixtures/debug/program.mjs");

const debugged = (name: string, execArgv: string[] = []): Promise<Ended> =>
  runNode([...execArgv, program, name], { OFFLOOP_DEBUG: "1" });

/** `[code, first line, the function that made it]` of each warning. */
function warnings(stderr: string): string[][] {
  return stderr
    .split(/^(?=\(node:\d+\) )/m)
    .filter((text) => text.includes("OffloopWarning"))
    .map((text) => {
      const [, code = "", what = ""] = /\[OFFLOOP_WARN_(\w+)\] OffloopWarning: (.*)/.exec(text) ?? [];
      return [code, what, /^ {4}at (?:async )?(?:Object\.)?(\w+) /m.exec(text)?.[1] ?? ""];
    });
}

describe("errors tell where the task was submitted", () => {
  test("behind their own stack, and are otherwise as they were", async () => {
    const { code, stdout } = await debugged("error");
    expect(code).toBe(0);
    const [error] = lines(stdout) as unknown as [
      { name: string; message: string; keys: string[]; stack: string },
    ];
    expect(error).toMatchObject({ name: "RangeError", message: "mine", keys: [] });
    const [own, submitted] = error.stack.split("was submitted:\n") as [string, string];
    expect(own).toMatch(/at fail .*program\.mjs/);
    expect(own).toMatch(/\n {2}Task \d+ \(fail\) $/);
    expect(submitted).toMatch(/^ {4}at handleRequest .*program\.mjs:\d+:\d+/);
  });

  test("when the function cannot travel, too", async () => {
    const { stdout } = await debugged("travelError");
    const [error] = lines(stdout) as unknown as [{ code: string; stack: string }];
    expect(error.code).toBe("ERR_OFFLOOP_TRAVEL");
    expect(error.stack).toMatch(/was submitted:\n {4}at handleRequest/);
  });

  test("but not the reason that a caller gave", async () => {
    const { stdout } = await debugged("reason");
    expect(lines(stdout)).toEqual([{ isSame: true, isUntouched: true }]);
  });
});

describe("warnings", () => {
  test("of results that nobody awaited, at exit: not of those that were awaited, followed or cancelled", async () => {
    const { code, stderr } = await debugged("unawaited");
    expect(code).toBe(0);
    expect(warnings(stderr)).toEqual([
      ["UNAWAITED", expect.stringMatching(/^Nobody awaited Task \d+ \(add\)/), "fireAndForget"],
    ]);
  });

  test("or when they are collected", async () => {
    const { code, stderr } = await debugged("collected", ["--expose-gc"]);
    expect(code).toBe(0);
    expect(warnings(stderr)).toEqual([["UNAWAITED", expect.any(String), "fireAndForget"]]);
  });

  test("of tasks that are pending at exit", async () => {
    const { code, stderr } = await debugged("pending");
    expect(code).toBe(4);
    expect(warnings(stderr)).toEqual([
      ["PENDING_AT_EXIT", expect.stringMatching(/is pending at exit/), "beginForEver"],
    ]);
  });

  test("of executors that were not shut down; the default ones need not be", async () => {
    const { code, stderr, stdout } = await debugged("unclosed");
    expect({ code, stdout }).toEqual({ code: 0, stdout: '"forgotten"\n' });
    expect(warnings(stderr)).toEqual([
      ["UNCLOSED", "The executor forgotten was never shut down. It was made:", "makePool"],
    ]);
  });

  test("of actors that were not disposed of", async () => {
    const { code, stderr, stdout } = await debugged("unclosedActor");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "[]\n" });
    expect(warnings(stderr)).toEqual([
      ["UNCLOSED", "The actor forgotten was never disposed of. It was made:", "spawn"],
    ]);
  });

  test("of arguments that lose their class, once a class", async () => {
    const { stderr } = await debugged("classLost");
    expect(warnings(stderr).map(([code, what]) => [code, what!.replace(/\d+ /, "")])).toEqual([
      ["CLASS_LOST", expect.stringMatching(/^args\[0\] of task add is a Point, /)],
      ["CLASS_LOST", expect.stringMatching(/^args\[1\] of task add is a URL, /)],
    ]);
  });
});

test("the monitor tells stalls", async () => {
  const { stderr } = await debugged("stall");
  expect(stderr).toMatch(/^offloop: event loop blocked for \d+ ms by block \(/m);
});

test("with a preload that tells them, they are told once", async () => {
  const { stderr } = await debugged("stall", ["--import", "offloop/register"]);
  expect(stderr.match(/blocked for \d+ ms by block /g)).toHaveLength(1);
});

test("setDebug(true) is the same", async () => {
  const { stderr } = await runNode([program, "unclosed", "set"]);
  expect(warnings(stderr)).toMatchObject([["UNCLOSED", expect.any(String), "makePool"]]);
});

test("off, nothing is told", async () => {
  for (const { stderr } of [await runNode([program, "unawaited"]), await debugged("off")]) {
    expect(stderr).toBe("");
  }
});

test("setDebug takes true or false", () => {
  expect(() => setDebug(1 as never)).toThrow(TypeError);
});
