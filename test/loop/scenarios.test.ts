/**
 * The monitor in real programs, blocked in known ways. Asserted are names, causes and lower bounds: how long a stall takes is also
 * the machine's choice.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Stall } from "offloop";
import { describe, expect, test } from "vitest";
import { isCause, type Ended, fixtures, lines, runNode, stallsOf } from "./programs.ts";

const scenario = (
  name: string,
  execArgv: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> => runNode([...execArgv, join(fixtures, "scenario.mjs"), ...name.split(" ")], env);

/** The stall that was injected; a busy machine may add others. Without one that says when, the longest. */
function mainStall(stdout: string): Stall {
  const [injected] = injectedAt(stdout);
  const [longest] = stallsOf(stdout)
    .filter((stall) => stall.kind === "loop" && isAt(stall, injected ?? stall.startedAt))
    .toSorted((a, b) => b.durationMs - a.durationMs);
  if (longest === undefined) throw new Error(`no stall in ${stdout}`);
  return longest;
}

/** Moments in the middle of what was injected, in order. */
function injectedAt(stdout: string): number[] {
  return lines(stdout)
    .filter(({ type }) => type === "injected")
    .map(({ before }) => before as number);
}

function isAt({ startedAt, durationMs }: Pick<Stall, "startedAt" | "durationMs">, at: number): boolean {
  return startedAt <= at && at <= startedAt + durationMs;
}

function expectSpin(stall: Stall, ms: number, within = "block"): void {
  expect(stall.durationMs).toBeGreaterThanOrEqual(ms);
  expect(stall.culprit).toMatchObject({ function: "spin", file: join(fixtures, "scenario.mjs") });
  expect(stall.stack.map((frame) => frame.function)).toContain(within);
  expect(stall.samples).toBeGreaterThan(0);
  expect(stall.hot.length).toBeGreaterThan(0);
  expect(isCause(stall, "sync-js"), stall.cause).toBe(true);
}

describe("a stall has a name", () => {
  test.each([
    ["plain", 600, "in a program with work"],
    ["idle", 600, "out of a loop that had nothing to do"],
    ["heartbeat", 600, "where the loop is woken to see it"],
    ["thenIdle", 600, "when the loop has nothing to do after it"],
    ["contextThrows", 600, "also when context() throws"],
    ["contextRejects", 600, "also when an async context() throws"],
    ["running", 600, "in a program that ends without stopping the monitor"],
  ])("%s (%d ms): %s", async (name, ms) => {
    const { code, stdout, stderr } = await scenario(name);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expectSpin(mainStall(stdout), ms);
  });

  test("at process.exit() in the same turn, and the exit is quiet", async () => {
    const { code, stdout, stderr } = await scenario("exits");
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    expectSpin(mainStall(stdout), 600);
  });

  test("also when another monitor's listener throws at the exit", async () => {
    const { stdout, stderr } = await scenario("exitListenerThrows");
    expect(stderr).toContain("a listener that throws");
    expect(stderr).not.toContain("Waiting for the debugger");
    expectSpin(mainStall(stdout), 600);
  });

  test("when the turn throws", async () => {
    const { code, stdout, stderr } = await scenario("throws");
    expect(code).toBe(1);
    expect(stderr).toContain("after the stall");
    expect(stderr).not.toContain("Waiting for the debugger");
    expectSpin(mainStall(stdout), 600);
  });

  test("in a worker that watches its own loop", async () => {
    const { code, stdout, stderr } = await scenario("inWorker");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const stall = mainStall(stdout);
    expectSpin(stall, 600);
    expect(stall.threadId).toBeGreaterThan(0);
  });

  test.runIf(process.platform === "linux")(
    "asleep in a call, out of a loop that had nothing to do",
    async () => {
      const { code, stdout, stderr } = await scenario("asleep");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const stall = mainStall(stdout);
      expect(stall).toMatchObject({ cause: "native-wait", culprit: { function: "wait" } });
      expect(stall.durationMs).toBeGreaterThanOrEqual(400);
    },
  );

  test("but none without a sample", async () => {
    const { code, stdout, stderr } = await scenario("noStacks");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const stall = mainStall(stdout);
    expect(stall).toMatchObject({ samples: 0, stack: [], hot: [] });
    expect(stall).not.toHaveProperty("culprit");
    expect(stall.durationMs).toBeGreaterThanOrEqual(300);
  });
});

test("also in code of another realm, as test runners have it", async () => {
  const { code, stdout, stderr } = await scenario("realm");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const stall = mainStall(stdout);
  expect(stall.culprit!.file).toBe(join(fixtures, "scenario.mjs"));
  expect(stall.stack).toContainEqual(expect.objectContaining({ function: "spinInRealm", file: "realm.js" }));
});

test("syncCalls: a native call is named while it lasts, and its caller when it returns", async () => {
  const { code, stdout, stderr } = await scenario("syncCalls");
  expect(code).toBe(0);
  expect(stderr).toMatch(/^offloop: event loop still blocked after \d+ ms in pbkdf2Sync: /m);
  const stall = mainStall(stdout);
  expect(stall.culprit).toMatchObject({ function: "derive", nativeCall: "pbkdf2Sync" });
  expect(stall.stack.map((frame) => frame.file).join("\n")).not.toContain("sync-calls");
  expect(isCause(stall, "native-cpu"), stall.cause).toBe(true);
  expect(lines(stdout)).toContainEqual({ type: "after", isSame: true, bytes: 8 });
});

describe("the program does not notice", () => {
  test("that its globals were read: what it changed stays, and a changed one is no obstacle", async () => {
    const { code, stdout, stderr } = await scenario("changedGlobals");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(lines(stdout)).toContainEqual({ type: "kept", kept: true });
    expectSpin(mainStall(stdout), 600);
  });

  test("fake timers of its tests", async () => {
    const { code, stdout, stderr } = await scenario("fakeTimers");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(mainStall(stdout).durationMs).toBeGreaterThanOrEqual(300);
  });

  test("its preloads, which are not for the watchdog", async () => {
    const preload = join(fixtures, "says-hello.mjs");
    const { stdout, stderr } = await scenario("plain", [], { NODE_OPTIONS: `--import ${preload}` });
    expect(stdout.match(/hello/g)).toHaveLength(1);
    expect(stderr).toBe("");
  });
});

test("the request is told that was blocked, and none that the monitor was started in", async () => {
  const { stdout } = await scenario("context");
  const stall = mainStall(stdout);
  expect(stall.contexts).toEqual([{ value: "GET /slow", samples: expect.any(Number) as number }]);
  expect(lines(stdout)).toContainEqual({ type: "store", store: null });
});

describe("while a stall lasts", () => {
  test("it is told on the blocked stack; a listener that throws changes nothing", async () => {
    const { code, stdout, stderr } = await scenario("blocked");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const told = lines(stdout).filter(({ type }) => type === "blocked");
    expect(told).toMatchObject([
      { function: "spinUntil", isOver: false },
      { function: "spinUntil", isOver: false },
    ]);
    expect(told[0]!["durationMs"]).toBeGreaterThanOrEqual(1_000);
    expect(told[1]!["durationMs"]).toBeGreaterThanOrEqual(2_000);
    expect(stallsOf(stdout).filter(({ durationMs }) => durationMs >= 2_000)).toHaveLength(1);
  });

  test("the watchdog says who does not come back", async () => {
    const { code, stderr } = await scenario("unresponsive log");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^offloop: event loop still blocked after \d+ ms by (spin|hang)/);
    expect(stderr.match(/still blocked/g)).toHaveLength(1);
  });

  test("of each stall, also of one that is none by the threshold", async () => {
    const { code, stdout, stderr } = await scenario("unresponsiveTwice");
    expect(code).toBe(0);
    expect(stallsOf(stdout).filter(({ durationMs }) => durationMs >= 1_000)).toEqual([]);
    expect(stderr.match(/still blocked/g)!.length).toBeGreaterThanOrEqual(2);
  });

  test("as each monitor says: one logs, another ends the process later", async () => {
    const { signal, stderr } = await scenario("unresponsiveBoth");
    expect(signal).toBe("SIGABRT");
    expect(stderr.match(/still blocked/g)).toHaveLength(2);
  });

  test("or ends the process", async () => {
    const { signal, stderr } = await scenario("unresponsive abort");
    expect(signal).toBe("SIGABRT");
    expect(stderr).toContain("still blocked");
  });
});

describe("a loop that has nothing to do is not blocked", () => {
  const [major = 0] = process.versions.node.split(".").map(Number);
  const permission = major < 22 ? "--experimental-permission" : "--permission";

  test.each<[string, object, string[]]>([
    ["without stacks", { stacks: false }, []],
    ["where the inspector is refused", {}, [permission, "--allow-fs-read=*", "--allow-worker"]],
  ])("%s", async (_name, options, execArgv) => {
    const { code, signal, stdout, stderr } = await scenario(
      `noStacksIdle ${JSON.stringify(options)}`,
      execArgv,
    );
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(stderr).not.toContain("still blocked");
    expect(mainStall(stdout).durationMs).toBeGreaterThanOrEqual(300);
  });
});

test("several monitors share the watch, each with its own threshold", async () => {
  const { code, stdout, stderr } = await scenario("several");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const second = lines(stdout).filter(({ type }) => type === "second") as unknown as Stall[];
  const told = [stallsOf(stdout), second].map((stalls) =>
    injectedAt(stdout).map((at) => stalls.filter((stall) => isAt(stall, at)).length),
  );
  // 200 ms, 500 ms, 500 ms without the first one, and 200 ms with a third.
  expect(told).toEqual([
    [1, 1, 0, 1],
    [0, 1, 1, 0],
  ]);
  expect(lines(stdout)).toContainEqual({ type: "left", resources: [] });
});

test.skipIf(process.platform === "win32")(
  "a thread pool without a free thread is a stall of its own kind",
  async () => {
    const { code, stdout, stderr } = await scenario("threadpool", [], { UV_THREADPOOL_SIZE: "1" });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [pool] = lines(stdout).filter(({ type }) => type === "threadpool");
    expect(pool).toMatchObject({ overloaded: false });
    expect(pool!["max"]).toBeGreaterThan(500);
    const stalls = stallsOf(stdout).filter(({ kind }) => kind === "threadpool");
    expect(stalls.length).toBeGreaterThan(0);
    for (const { cause, durationMs, samples } of stalls) {
      expect({ cause, samples }).toEqual({ cause: "threadpool-saturated", samples: 0 });
      expect(durationMs).toBeGreaterThanOrEqual(200);
    }
  },
);

test("a process that was stopped was suspended", async () => {
  const child = spawn(process.execPath, [join(fixtures, "scenario.mjs"), "suspended"], { stdio: "pipe" });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  while (!stdout.includes("ready")) await once(child.stdout, "data");
  child.kill("SIGSTOP");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  child.kill("SIGCONT");
  await once(child, "close");
  const stall = stallsOf(stdout).find(({ durationMs }) => durationMs >= 500);
  expect(stall).toMatchObject({ kind: "loop", cause: "suspended", samples: 0 });
  expect(stall!.durationMs).toBeGreaterThanOrEqual(500);
});

test("a pause in a debugger is one", async () => {
  const { stdout } = await scenario("debugged", ["--inspect=127.0.0.1:0"]);
  const stall = mainStall(stdout);
  expect(isCause(stall, "debugger"), stall.cause).toBe(true);
  expect(stall.durationMs).toBeGreaterThanOrEqual(400);
});

describe("under the permission model", () => {
  const [major = 0] = process.versions.node.split(".").map(Number);
  const permission = major < 22 ? "--experimental-permission" : "--permission";

  test.each([
    ["no inspector", ["--allow-worker"], "shows no stacks"],
    ["neither inspector nor workers", [], "has no watchdog"],
  ])("%s: durations and lag, and that is said once", async (_name, allowed, said) => {
    const { code, stdout, stderr } = await scenario("plain", [permission, "--allow-fs-read=*", ...allowed]);
    expect(code).toBe(0);
    const warnings = stderr.split("\n").filter((line) => line.includes("OFFLOOP_WARN_LOOP_MONITOR"));
    expect(warnings).toEqual([expect.stringContaining(said)]);
    const stall = mainStall(stdout);
    expect(stall.durationMs).toBeGreaterThanOrEqual(300);
    expect(stall).toMatchObject({ samples: 0 });
    expect(stall).not.toHaveProperty("culprit");
  });
});
