import { afterEach, expect, test } from "vitest";
import { endPrograms, run } from "../program.ts";

afterEach(endPrograms);

// The console takes its streams when it is first used.
const preload = ["--import", "data:text/javascript,console.log('preload');console.error('preload')"];
const lines = (text: string): string[] => text.split("\n").filter(Boolean).toSorted();

test.each([
  ["thread", "inherit", ["done", "out"], ["err"]],
  ["thread", "ignore", ["done"], []],
  ["thread", "stderr", ["done"], ["err", "out"]],
  ["process", "inherit", ["done", "out"], ["err"]],
  ["process", "ignore", ["done"], []],
  ["process", "stderr", ["done"], ["err", "out"]],
])("what a task prints in a %s, stdio %j", async (kind, stdio, stdout, stderr) => {
  const ended = await run("stdio.mjs", [kind, stdio]).end;
  expect([ended.code, lines(ended.stdout), lines(ended.stderr)]).toEqual([0, stdout, stderr]);
});

test.each([
  ["thread", "ignore", ["done"], []],
  ["thread", "stderr", ["done"], ["err", "out"]],
  ["process", "ignore", ["done"], []],
  ["process", "stderr", ["done"], ["err", "out"]],
])("also where a preload has printed: %s, stdio %j", async (kind, stdio, stdout, stderr) => {
  const ended = await run("stdio.mjs", [kind, stdio], preload).end;
  const printed = [ended.stdout, ended.stderr].map((text) =>
    lines(text).filter((line) => line !== "preload"),
  );
  expect([ended.code, ...printed]).toEqual([0, stdout, stderr]);
});
