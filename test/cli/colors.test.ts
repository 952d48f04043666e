/**
 * Colours only where somebody looks, and wants them.
 */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { colorsFor } from "#internal/cli/colors";
import { describe, expect, onTestFinished, test } from "vitest";
import { runNode } from "../loop/programs.ts";
import { hasPty, typedAt } from "./pty.ts";

const cli = join(import.meta.dirname, "../../dist/src/cli/main.js");
const program = join(import.meta.dirname, "../fixtures/loop/program.mjs");
const RED = "\u001B[31moffloop\u001B[39m event loop blocked for";
const PLAIN = "offloop event loop blocked for";

test.each<[boolean, NodeJS.ProcessEnv, string]>([
  [true, {}, "\u001B[31ma\u001B[39m\u001B[1mb\u001B[22m\u001B[2mc\u001B[22m"],
  [true, { NO_COLOR: "" }, "\u001B[31ma\u001B[39m\u001B[1mb\u001B[22m\u001B[2mc\u001B[22m"],
  [true, { NO_COLOR: "1" }, "abc"],
  [true, { NO_COLOR: "0" }, "abc"],
  [false, {}, "abc"],
  [false, { NO_COLOR: "" }, "abc"],
])("on a terminal: %s, with %j", (isTerminal, env, text) => {
  const { alarm, strong, faint } = colorsFor(isTerminal, env);
  expect(alarm("a") + strong("b") + faint("c")).toBe(text);
});

test("none in a pipe", async () => {
  const { stderr } = await runNode([cli, "watch", program, "block"], { NO_COLOR: "" });
  expect(stderr).toContain(PLAIN);
  expect(stderr).not.toContain("\u001B");
});

describe.runIf(hasPty)("in a terminal", () => {
  async function seen(options: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
    const terminal = typedAt([cli, "watch", ...options, program, "block"], env);
    let text = "";
    terminal.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
    expect(await once(terminal, "close")).toEqual([0, null]);
    return text;
  }

  test("there are some", async () => {
    const text = await seen([], { NO_COLOR: "" });
    expect(text).toContain(RED);
    expect(text).toContain("\u001B[1moffloop: summary\u001B[22m");
  });

  test("NO_COLOR is honoured", async () => {
    const text = await seen([], { NO_COLOR: "1" });
    expect(text).toContain(PLAIN);
    expect(text).not.toContain("\u001B");
  });

  test("a file gets none", async () => {
    const folder = mkdtempSync(join(tmpdir(), "offloop-colors-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "out.txt");
    await seen(["--out", file], { NO_COLOR: "" });
    expect(readFileSync(file, "utf8")).toContain(PLAIN);
    expect(readFileSync(file, "utf8")).not.toContain("\u001B");
  });

  test("nor do the records of --json", async () => {
    const text = await seen(["--json"], { NO_COLOR: "" });
    expect(text).toContain('"type":"summary"');
    expect(text).not.toContain("\u001B");
  });
});
