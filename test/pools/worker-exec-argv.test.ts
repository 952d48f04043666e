import { processExecArgv, threadExecArgv } from "#internal/pools/worker-exec-argv";
import { describe, expect, test } from "vitest";

describe("options for a child process", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ["nothing", [], []],
    [
      "what a worker may have",
      ["--no-warnings", "--max-old-space-size=64"],
      ["--no-warnings", "--max-old-space-size=64"],
    ],
    [
      "values of their own argument",
      ["--import", "tsx", "-r", "./a.cjs"],
      ["--import", "tsx", "-r", "./a.cjs"],
    ],
    ["a script on the command line", ["-e", "code()", "--no-warnings"], ["--no-warnings"]],
    ["a script after an equals sign", ["--eval=code()", "--trace-warnings"], ["--trace-warnings"]],
    ["a printed script", ["-p", "1 + 1"], []],
    ["a printed script, in short", ["-pe", "1 + 1"], []],
    ["the kind of a script that is not there", ["--input-type=module", "--eval", "code()"], []],
    ["the same as two arguments", ["--input-type", "module", "--print", "1"], []],
    [
      "the inspector's port, taken by the parent",
      ["--inspect=9229", "--inspect-brk", "--inspect-port", "9230"],
      [],
    ],
    ["the inspector without a port, and what follows", ["--inspect", "--import", "tsx"], ["--import", "tsx"]],
    ["watching", ["--watch", "--watch-path", "./src", "--watch-path=./lib"], []],
    ["the test runner", ["--test", "--no-warnings"], ["--no-warnings"]],
    ["a check of syntax, the prompt", ["--check", "-c", "-i", "--interactive"], []],
    ["profiles", ["--cpu-prof", "--heap-prof"], []],
    [
      "where profiles go, which Node refuses alone",
      ["--cpu-prof", "--cpu-prof-dir=prof", "--cpu-prof-interval", "500"],
      [],
    ],
    [
      "the same for the heap",
      ["--heap-prof", "--heap-prof-dir", "prof", "--heap-prof-name=x", "--heap-prof-interval=9"],
      [],
    ],
  ])("%s", (_name, given, expected) => {
    const before = [...given];
    expect(processExecArgv(undefined, given)).toEqual(expected);
    expect(given).toEqual(before);
  });
});

describe("options for a thread", () => {
  test.each<[string, readonly string[]]>([
    ["nothing", []],
    ["loaders", ["--import", "tsx", "--no-warnings"]],
    ["V8's, which a thread cannot be given but does inherit", ["--max-old-space-size=64", "--expose-gc"]],
  ])("%s is inherited as it is", (_name, given) => {
    expect(threadExecArgv(undefined, given)).toBeUndefined();
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ["nothing but a script", ["-e", "code()"], []],
    [
      "loaders and conditions",
      ["--inspect", "--import", "tsx", "-C", "dev", "-r", "a.cjs"],
      ["--import", "tsx", "-C", "dev", "-r", "a.cjs"],
    ],
    [
      "with equals signs",
      ["--inspect", "--import=tsx", "--conditions=dev"],
      ["--import=tsx", "--conditions=dev"],
    ],
    [
      "switches",
      ["--watch", "--enable-source-maps", "--no-warnings", "--trace-warnings"],
      ["--enable-source-maps", "--no-warnings", "--trace-warnings"],
    ],
    [
      "what is switched off",
      ["--watch", "--no-experimental-require-module"],
      ["--no-experimental-require-module"],
    ],
    ["not what belongs to the process", ["--inspect", "--no-opt", "--trace-gc", "--no-node-snapshot"], []],
    ["nor its traces", ["--inspect", "--trace-event-categories", "node", "--trace-sigint"], []],
    ["not V8's", ["--inspect", "--max-old-space-size=64", "--expose-gc", "--stack-size=2000"], []],
    [
      "a switch before another option",
      ["--inspect", "--no-warnings", "--import", "tsx"],
      ["--no-warnings", "--import", "tsx"],
    ],
  ])("without what is not for workers: %s", (_name, given, expected) => {
    expect(threadExecArgv(undefined, given)).toEqual(expected);
  });
});
