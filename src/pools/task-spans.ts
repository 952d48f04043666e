/**
 * A task as spans of OpenTelemetry: one for the task, below the span in which it was submitted, and in it one for its wait and one for its run.
 */
import { keepStore } from "../core/contexts.ts";
import { openTelemetry, TRACEPARENT } from "../core/opentelemetry.ts";
import { onSettled } from "../core/settled.ts";
import type { Task } from "../core/task.ts";

/** What the task's code does in its worker belongs to the task's span. */
export function traceTask(task: Task<unknown>, executor: string): void {
  const { context, propagation, SpanStatusCode, trace } = openTelemetry()!;
  const tracer = trace.getTracer("offloop");
  const attributes = { "offloop.executor": executor, "offloop.task.id": task.id };
  const outer = context.active();
  const startTime = task.timing.submittedAt;
  const span = tracer.startSpan(task.name, { attributes, startTime }, outer);
  const inner = trace.setSpan(outer, span);
  const carrier = {};
  propagation.inject(inner, carrier);
  keepStore(task, TRACEPARENT, carrier);
  const part = (name: string, from: number, to: number): void =>
    tracer.startSpan(name, { startTime: from }, inner).end(to);
  onSettled(task, (state, value) => {
    const { submittedAt, startedAt, endedAt = Date.now() } = task.timing;
    part("queue", submittedAt, startedAt ?? endedAt);
    if (startedAt !== undefined) part("run", startedAt, endedAt);
    if (state !== "fulfilled") {
      const error = value instanceof Error ? value : String(value);
      span.recordException(error, endedAt);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : error });
    }
    span.end(endedAt);
  });
}
