import { SpanStatusCode, trace } from "@opentelemetry/api";
import { expose, QueueFullError } from "offloop";
import { beforeEach, expect, test } from "vitest";
import { activeSpan, exporter, failTraced, spansOfTask } from "../fixtures/contract/tracing.mjs";
import { hold } from "../fixtures/contract/holds.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";
import { rejection } from "./waits.ts";

expose({ "main.span": activeSpan });

interface Span {
  readonly name: string;
  readonly id: string;
  readonly parent: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
}

const toMs = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1e3 + nanoseconds / 1e6;

function ended(): readonly Span[] {
  return exporter.getFinishedSpans().map((span) => ({
    name: span.name,
    id: span.spanContext().spanId,
    parent: span.parentSpanContext?.spanId,
    startMs: toMs(span.startTime),
    endMs: toMs(span.endTime),
  }));
}

const tracer = trace.getTracer("test");
const context = ["traceparent"];

contract("OpenTelemetry", ({ make, gate, apart }) => {
  beforeEach(() => exporter.reset());

  test("the trace goes along with the call, and back to main", async () => {
    const executor = make({ context });
    await tracer.startActiveSpan("request", async (request) => {
      const { traceId, spanId } = request.spanContext();
      const { here, onMain, nested } = await executor.submit(spansOfTask, []);
      const task = ended().find(({ name }) => name === "spansOfTask")!;
      expect(task.parent).toBe(spanId);
      expect(here).toEqual({ traceId, spanId: task.id });
      expect(onMain).toEqual(here);
      expect(nested.span?.traceId).toBe(traceId);
      expect(nested.span?.spanId).not.toBe(task.id);
      expect(nested.onMain).toEqual(nested.span);
      request.end();
    });
  });

  test("a task has a span for its wait and one for its run", async () => {
    const executor = make({ context });
    const held = gate();
    const first = executor.submit(hold, [held.token], { name: "first" });
    const second = executor.submit(triple, [1], { name: "second" });
    held.open();
    await Promise.all([first, second]);
    const spans = ended();
    expect(spans.map(({ name }) => name)).toEqual(["queue", "run", "first", "queue", "run", "second"]);
    for (const [queue, run, task] of [spans.slice(0, 3), spans.slice(3)] as [Span, Span, Span][]) {
      expect(task.parent).toBeUndefined();
      expect([queue.parent, run.parent]).toEqual([task.id, task.id]);
      expect(queue.startMs).toBeCloseTo(task.startMs, 3);
      expect(run.startMs).toBeCloseTo(queue.endMs, 3);
      expect(task.endMs).toBeCloseTo(run.endMs, 3);
      expect(run.endMs).toBeGreaterThanOrEqual(run.startMs);
    }
  });

  test("tells how a task failed, also one that never left", async () => {
    const executor = make({ context, maxPending: 0 });
    await executor.submit(triple, [1]);
    exporter.reset();
    await rejection(executor.submit(failTraced, []));
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    expect(await rejection(executor.submit(triple, [1]))).toBeInstanceOf(QueueFullError);
    held.open();
    await running;
    const spans = exporter.getFinishedSpans();
    const failed = spans.find(({ name }) => name === "failTraced")!;
    expect(failed.status).toEqual({ code: SpanStatusCode.ERROR, message: "traced" });
    expect(failed.events.map(({ name }) => name)).toEqual(["exception"]);
    const refused = spans.find(({ name }) => name === "triple")!;
    expect(refused.status.code).toBe(SpanStatusCode.ERROR);
    expect(spans.map(({ name }) => name)).toEqual([
      ...["queue", "run", "failTraced"],
      ...["queue", "triple"],
      ...["queue", "run", "hold"],
    ]);
  });

  test("makes no spans unless it is asked for", async () => {
    const executor = make();
    const span = await tracer.startActiveSpan("request", () => executor.submit(activeSpan, []));
    if (apart) expect(span).toBeUndefined();
    expect(ended()).toEqual([]);
  });
});
