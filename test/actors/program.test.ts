/**
 * What an actor means to the life of its program. A program's output is inherited by a child, so it closes when both are gone.
 */
import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { endPrograms, run } from "../program.ts";

afterEach(endPrograms);

// The console takes its streams when it is first used.
const preload = ["--import", "data:text/javascript,console.log('preload');console.error('preload')"];

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line !== "" && line !== "preload")
    .toSorted();

describe.each(["thread", "process"])("a program with an actor: %s", (executor) => {
  test.each([
    ["idle", ""],
    ["call", "42\n"],
    ["restart", "42\n"],
  ])("ends by itself: %s", async (then, printed) => {
    const { code, stdout, stderr } = await run("actor.mjs", [executor, then]).end;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: printed, stderr: "" });
  });

  test("goes on when nobody reads the output any more", async () => {
    const { child, end } = run("unread-actor.mjs", [executor]);
    child.stdout?.destroy();
    child.stdin?.end("go");
    expect(await end).toMatchObject({ code: 0, stderr: "answer 2000\n" });
  });

  test.each([
    ["", []],
    [", also where a preload has printed", preload],
  ])("loses nothing that was printed before the answer%s", async (_title, options) => {
    // A thread's output goes through main's own streams, which lose it at process.exit() as all that main prints.
    const then = executor === "process" ? "exit" : "end";
    const { code, stdout } = await run("flood-actor.mjs", [executor, "50000", then], options).end;
    const lines = stdout.split("\n").filter((line) => line.startsWith("line"));
    expect({ code, lines }).toEqual({
      code: 0,
      lines: Array.from({ length: 50_000 }, (_, n) => `line ${n}`),
    });
  });

  test.each([
    ["inherit", ["done", "out"], ["err"]],
    ["ignore", ["done"], []],
    ["stderr", ["done"], ["err", "out"]],
  ])("has its output where it should be: %s", async (stdio, stdout, stderr) => {
    for (const options of [[], preload]) {
      const ended = await run("stdio-actor.mjs", [executor, stdio], options).end;
      expect([ended.code, linesOf(ended.stdout), linesOf(ended.stderr)]).toEqual([0, stdout, stderr]);
    }
  });

  test.each([
    ["idle", ["closed"], []],
    ["working", ["42", "closed"], []],
    ["failing", [], [expect.stringContaining("which was dropped, failed: RangeError: not closed")]],
  ])("that drops it is warned, and it is disposed of: %s", async (state, printed, more) => {
    const { code, stdout, stderr } = await run("dropped-actor.mjs", [executor, state], ["--expose-gc"]).end;
    const warnings = stderr.split(/^(?=\(node:\d+\) \[)/m);
    expect({ code, printed: stdout.split("\n").filter(Boolean).toSorted(), warnings }).toEqual({
      code: 0,
      printed,
      warnings: [
        expect.stringContaining("[OFFLOOP_WARN_UNCLOSED] OffloopWarning: The actor forgotten was dropped"),
        ...more,
      ],
    });
  });

  test("leaves nothing when it is killed", async () => {
    const program = run("actor.mjs", [executor, "loop"]);
    await program.says("looping");
    program.child.kill("SIGKILL");
    expect(await program.end).toMatchObject({ signal: "SIGKILL" });
  });
});

test.each([
  ["offloop", [false, true]],
  ["offloop/actors", [true, false]],
])("%s loads of comlink and piscina what it needs", (entry, loaded) => {
  const code = `
    import ${JSON.stringify(entry)};
    import { createRequire } from "node:module";
    const files = Object.keys(createRequire(import.meta.url).cache);
    console.log(JSON.stringify(["comlink", "piscina"].map((name) => files.some((file) => file.split(/[/\\\\]/).includes(name)))));
  `;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
  expect(JSON.parse(printed)).toEqual(loaded);
});
