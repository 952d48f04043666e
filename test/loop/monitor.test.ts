/**
 * The monitor on a clock that the test moves: nothing here waits.
 */
import assert from "node:assert";
import { inspect } from "node:util";
import { formatStall, type Pressure, type PressureLimits, type Stall, watchLoop } from "offloop";
import { FakeClock } from "offloop/testing";
import { describe, expect, test } from "vitest";

type Monitor = ReturnType<typeof watchLoop>;

function watched(options: Parameters<typeof watchLoop>[0] = {}): {
  clock: FakeClock;
  monitor: Monitor;
  told: Stall[];
} {
  const clock = new FakeClock();
  const monitor = watchLoop({ clock, ...options });
  const told: Stall[] = [];
  monitor.on("stall", (stall) => told.push(stall));
  return { clock, monitor, told };
}

describe("options", () => {
  test.each([
    [{ treshold: 5 }, TypeError, /"treshold".*thresholdMs/],
    [{ syncCalls: "all" }, TypeError, /"syncCalls" must be true or false/],
    [{ thresholdMs: "100" }, TypeError, /thresholdMs/],
    [{ thresholdMs: 1 }, RangeError, /thresholdMs/],
    [{ thresholdMs: NaN }, RangeError, /thresholdMs/],
    [{ thresholdMs: Infinity }, RangeError, /thresholdMs/],
    [{ sampleMs: 0 }, RangeError, /sampleMs/],
    [{ stacks: true }, TypeError, /stacks/],
    [{ context: "request" }, TypeError, /context/],
    [{ unresponsive: 5 }, TypeError, /unresponsive/],
    [{ unresponsive: { afterMs: 5_000 } }, TypeError, /action/],
    [{ unresponsive: { afterMs: 1, action: "log" } }, RangeError, /afterMs/],
    [{ unresponsive: { afterMs: 5_000, action: "exit" } }, TypeError, /action/],
    [{ maxStallsPerMinute: 0 }, RangeError, /maxStallsPerMinute/],
    [{ clock: {} }, TypeError, /clock/],
    [
      { clock: { now: Date.now } },
      TypeError,
      /"clock" must be an object with now\(\), after\(\) and timeOrigin/,
    ],
    [{ clock: { now: Date.now, after: Date.now } }, TypeError, /"clock" must be/],
    [{ clock: new FakeClock(), context: Date.now }, TypeError, /"context" needs the watchdog/],
    [{ clock: new FakeClock(), syncCalls: true }, TypeError, /"syncCalls" needs the watchdog/],
    [{ clock: new FakeClock(), idleHeartbeatMs: 50 }, TypeError, /"idleHeartbeatMs" needs the watchdog/],
    [
      { clock: new FakeClock(), unresponsive: { afterMs: 5_000, action: "abort" } },
      TypeError,
      /"unresponsive" needs the watchdog/,
    ],
    [{ stacks: false, context: Date.now }, TypeError, /"context" needs samples/],
    [null, TypeError, /options/],
  ])("%j is refused", (options, kind, message) => {
    expect(() => watchLoop(options as never)).toThrow(kind);
    expect(() => watchLoop(options as never)).toThrow(message);
  });

  test("those that say what a clock of one's own does anyway are not", async () => {
    const nothing = { context: undefined, unresponsive: undefined, idleHeartbeatMs: undefined };
    const { clock, monitor, told } = watched({ stacks: false, syncCalls: false, ...nothing } as object);
    await clock.advance(200);
    expect(told).toHaveLength(1);
    await monitor.stop();
  });

  test.each([
    [{}, TypeError],
    [{ maxLag: 5 }, TypeError],
    [{ maxLagMs: "5" }, TypeError],
    [{ maxLagMs: -1 }, RangeError],
    [{ maxLagMs: 5, percentile: 95 }, RangeError],
    [{ maxLagMs: 60_000 }, RangeError],
    [{ maxLagMs: 30_000, percentile: 50 }, RangeError],
    [{ maxUtilization: 1.5 }, RangeError],
    [{ maxUtilization: 0 }, RangeError],
  ])("limits %j are refused", async (limits, kind) => {
    const { monitor } = watched();
    expect(() => monitor.pressure(limits as never)).toThrow(kind);
    await monitor.stop();
  });
});

describe("stalls", () => {
  test("a turn of the threshold is one, a shorter one is none", async () => {
    const { clock, monitor, told } = watched({ thresholdMs: 100 });
    await clock.advance(99);
    expect(told).toEqual([]);
    await clock.advance(100);
    expect(told).toMatchObject([
      { kind: "loop", cause: "unknown", startedAt: 99, durationMs: 100, samples: 0 },
    ]);
    expect(told[0]).not.toHaveProperty("culprit");
    expect(monitor.snapshot().stalls).toEqual({ unknown: 1 });
    await monitor.stop();
  });

  test("more than so many in a minute are counted and not told", async () => {
    const { clock, monitor, told } = watched({ maxStallsPerMinute: 2 });
    for (let n = 0; n < 5; n++) await clock.advance(200);
    expect(told).toHaveLength(2);
    expect(monitor.snapshot().stalls).toEqual({ unknown: 5 });
    await clock.advance(60_000);
    expect(told).toHaveLength(3);
    await monitor.stop();
  });

  test("after stop() nothing is told; it may be called twice", async () => {
    const { clock, monitor, told } = watched();
    await Promise.all([monitor.stop(), monitor.stop()]);
    await clock.advance(500);
    expect(told).toEqual([]);
  });

  test("can be read as a stream, until the monitor stops", async () => {
    const { clock, monitor } = watched();
    const read: number[] = [];
    const reader = (async () => {
      for await (const { durationMs } of monitor.stalls()) read.push(durationMs);
    })();
    await clock.advance(150);
    await clock.advance(250);
    await monitor.stop();
    await reader;
    expect(read).toEqual([150, 250]);
    expect((await monitor.stalls().next()).done).toBe(true);
  });

  test("a stream ends with its signal, and with its reader", async () => {
    const { clock, monitor } = watched();
    const controller = new AbortController();
    const aborted = monitor.stalls({ signal: controller.signal });
    const next = aborted.next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect((await monitor.stalls({ signal: AbortSignal.abort() }).next()).done).toBe(true);
    const left = monitor.stalls();
    await clock.advance(150);
    for await (const { durationMs } of left) {
      expect(durationMs).toBe(150);
      break;
    }
    expect((await left.next()).done).toBe(true);
    expect(() => monitor.stalls({ signal: 5 as never })).toThrow(TypeError);
    await monitor.stop();
  });
});

describe("pressure", () => {
  test("one stall breaks the limit, a second later it is kept", async () => {
    const { clock, monitor } = watched();
    const limits = { maxLagMs: 100 };
    await clock.advance(300);
    expect(monitor.pressure(limits)).toMatchObject({ overloaded: true, reason: "lag", retryAfterMs: 1_000 });
    expect(monitor.pressure(limits).value).toBeGreaterThan(250);
    expect(monitor.pressure({ maxLagMs: 400 })).toEqual({ overloaded: false });
    // In small turns: on this clock nothing is idle.
    for (let n = 0; n < 120; n++) await clock.advance(10);
    expect(monitor.pressure(limits)).toEqual({ overloaded: false });
    await monitor.stop();
  });

  test.each<[PressureLimits, number]>([
    [{ maxLagMs: 900 }, 2],
    [{ maxLagMs: 1_500 }, 3],
    [{ maxLagMs: 10_000 }, 12],
    [{ maxLagMs: 58_000 }, 60],
    [{ maxLagMs: 1_500, percentile: 90 }, 3],
    [{ maxLagMs: 1_500, percentile: 50 }, 5],
    [{ maxLagMs: 29_000, percentile: 50 }, 60],
  ])(
    "%j is broken by a long stall, whenever it ends, and kept when %d s have passed",
    async (limits, seconds) => {
      for (let offsetMs = 0; offsetMs < 1_000; offsetMs += 90) {
        const { clock, monitor } = watched();
        for (let n = 0; n < seconds * 20; n++) await clock.advance(50);
        for (let n = 0; n < offsetMs; n += 30) await clock.advance(30);
        await clock.advance(limits.maxLagMs! - 1);
        expect(monitor.pressure(limits)).toEqual({ overloaded: false });
        await clock.advance(seconds * 1_000);
        const pressure = monitor.pressure(limits);
        expect(pressure).toMatchObject({ overloaded: true, reason: "lag", retryAfterMs: seconds * 1_000 });
        expect(pressure.value).toBeGreaterThan(limits.maxLagMs!);
        for (let n = 0; n < seconds * 20; n++) await clock.advance(50);
        expect(monitor.pressure(limits)).toEqual({ overloaded: false });
        await monitor.stop();
      }
    },
  );

  test("Infinity is no limit", async () => {
    const { clock, monitor } = watched();
    await clock.advance(90_000);
    expect(monitor.pressure({ maxLagMs: Infinity })).toEqual({ overloaded: false });
    await monitor.stop();
  });

  test("of the median, a single stall breaks nothing", async () => {
    const { clock, monitor } = watched();
    for (let n = 0; n < 100; n++) await clock.advance(10);
    await clock.advance(300);
    expect(monitor.pressure({ maxLagMs: 50, percentile: 50 }).overloaded).toBe(false);
    expect(monitor.pressure({ maxLagMs: 50, percentile: 90 }).overloaded).toBe(true);
    await monitor.stop();
  });

  test("utilization has a limit of its own", async () => {
    const { clock, monitor } = watched();
    for (let n = 0; n < 100; n++) await clock.advance(10);
    expect(monitor.pressure({ maxUtilization: 0.9 })).toMatchObject({
      overloaded: true,
      reason: "utilization",
      value: 1,
    });
    await monitor.stop();
  });

  test("overload and recovered are told once each", async () => {
    const { clock, monitor } = watched();
    const told: (Pressure | PressureLimits)[] = [];
    monitor.on("overload", (pressure) => told.push(pressure));
    monitor.on("recovered", (limits) => told.push(limits));
    await clock.advance(300);
    monitor.pressure({ maxLagMs: 100 });
    monitor.pressure({ maxLagMs: 100 });
    expect(told).toMatchObject([{ overloaded: true, reason: "lag" }]);
    for (let n = 0; n < 150; n++) await clock.advance(10);
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual({ maxLagMs: 100 });
    await monitor.stop();
  });
});

describe("formatStall", () => {
  const at = (name: string, line: number): Stall["stack"][number] => ({
    function: name,
    file: "/app/a.js",
    line,
    column: 3,
  });
  const stall: Stall = {
    kind: "loop",
    threadId: 0,
    startedAt: 0,
    durationMs: 412.3,
    cause: "sync-js",
    cpuMs: 400,
    gcMs: 100,
    samples: 10,
    culprit: { ...at("parse", 12), share: 0.9 },
    stack: [
      at("parse", 12),
      at("handle", 40),
      { function: "onParserExecute", file: "node:_http_server", line: 1, column: 1 },
    ],
    hot: [
      { frame: at("parse", 12), self: 9, total: 9 },
      { frame: at("handle", 40), self: 1, total: 4 },
    ],
    contexts: [{ value: "GET /slow", samples: 10 }],
  };

  test("names it in a line, then marks the hot lines", () => {
    expect(formatStall(stall).split("\n")).toEqual([
      "event loop blocked for 412 ms by parse (/app/a.js:12:3): sync-js, 97 % CPU, 24 % garbage collection, in GET /slow",
      "  > parse (/app/a.js:12:3)  90 %",
      "    handle (/app/a.js:40:3)  40 %",
      "    onParserExecute (node:_http_server:1:1)",
    ]);
  });

  test("says only what is known", () => {
    const { culprit: _culprit, cpuMs: _cpuMs, ...unknown } = stall;
    const text = formatStall({
      ...unknown,
      cause: "unknown",
      gcMs: 0,
      samples: 0,
      stack: [],
      hot: [],
      contexts: [],
    });
    expect(text).toBe("event loop blocked for 412 ms: unknown");
  });

  const circular: Record<string, unknown> = { id: 7n };
  circular["self"] = circular;
  const throwing = {
    [inspect.custom](): string {
      throw new Error("mine");
    },
  };
  test.each<[string, unknown, string]>([
    ["one with a cycle and a bigint", circular, "<ref *1> { id: 7n, self: [Circular *1] }"],
    ["a toJSON that throws", { id: 1, toJSON: () => assert.fail() }, "{ id: 1, toJSON: [Function: toJSON] }"],
    ["a Map", new Map([["id", { user: { name: "a" } }]]), "Map(1) { 'id' => { user: [Object] } }"],
    ["one whose own text throws", throwing, "an object that cannot be shown"],
    ["a symbol", Symbol("request"), "Symbol(request)"],
    ["null", null, "null"],
    ["several lines", "GET /\r\n  slow", "GET / slow"],
    ["a long one", "x".repeat(1_000), `${"x".repeat(99)}…`],
    ["a deep one", { a: { b: { c: {} } } }, "{ a: { b: [Object] } }"],
    ["an object of many lines", { sql: "select\n*" }, String.raw`{ sql: 'select\n*' }`],
  ])("shows any context on its line: %s", (_, value, text) => {
    const title = formatStall({ ...stall, stack: [], contexts: [{ value, samples: 1 }] });
    expect(title).toBe(
      `event loop blocked for 412 ms by parse (/app/a.js:12:3): sync-js, 97 % CPU, 24 % garbage collection, in ${text}`,
    );
  });

  test("tells what to do about the thread pool", () => {
    const text = formatStall({ ...stall, kind: "threadpool", cause: "threadpool-saturated" });
    expect(text).toContain("412 ms");
    expect(text).toContain("UV_THREADPOOL_SIZE");
  });
});
