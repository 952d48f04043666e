import type { IncomingMessage } from "node:http";
import fastify from "fastify";
import { formatStall, type LoopMonitor, type Stall, type StackFrame, watchLoop } from "offloop";
import { fastifyShedLoad, shedLoad } from "offloop/http";
import { expectTypeOf, test } from "vitest";

declare const monitor: LoopMonitor;

test("a monitor is an event emitter whose events have their types", () => {
  expectTypeOf(watchLoop).returns.toEqualTypeOf<LoopMonitor>();
  monitor.on("stall", (stall) => expectTypeOf(stall).toEqualTypeOf<Stall>());
  monitor.on("blocked", (stall) => expectTypeOf(stall).toEqualTypeOf<Stall>());
  monitor.on("overload", ({ reason }) => {
    expectTypeOf(reason).toEqualTypeOf<"lag" | "utilization" | "threadpool-lag" | undefined>();
  });
  expectTypeOf(monitor).toExtend<AsyncDisposable>();
  expectTypeOf(monitor.stalls()).toEqualTypeOf<AsyncIterableIterator<Stall>>();
  expectTypeOf(formatStall).parameter(0).toEqualTypeOf<Stall>();
});

test("a culprit is a frame with its part of the time", () => {
  expectTypeOf<NonNullable<Stall["culprit"]>>().toExtend<
    StackFrame & { share: number; nativeCall?: string }
  >();
});

test("options that do not exist are errors", () => {
  // @ts-expect-error
  watchLoop({ treshold: 5 });
  // @ts-expect-error
  watchLoop({ syncCalls: "fs" });
  // @ts-expect-error
  watchLoop({ unresponsive: { afterMs: 5, action: "exit" } });
  // @ts-expect-error
  monitor.pressure({ percentile: 95 });
});

test("shedding knows the request", () => {
  shedLoad({ maxLagMs: 5, exempt: (request) => request.url === "/" });
  expectTypeOf(shedLoad({ maxLagMs: 5 }))
    .parameter(0)
    .toEqualTypeOf<IncomingMessage>();
  fastify().register(fastifyShedLoad, { maxLagMs: 5, exempt: ({ raw }) => raw.url === "/" });
});
