/**
 * Where a worker's running task is: the main thread asks through the inspector, which answers between two statements of the
 * task, on top of its stack. The worker maps the places itself: reading maps must not block the loop, and it hangs already.
 */
import { performance } from "node:perf_hooks";
import { scopes } from "../core/current-task.ts";
import type { StackFrame } from "../core/errors.ts";
import type { RawFrame } from "./frames.ts";
import { nodeMap, SourceMaps } from "./source-maps.ts";
import { stackBelow } from "./stack-below.ts";

/** As JSON: what crosses the inspector is text. */
export interface TaskStack {
  readonly taskId: number | undefined;
  readonly frames: readonly StackFrame[];
}

// On a core module: code in another realm has other globals.
const READER = Symbol.for("offloop.taskStack");

/** What the main thread evaluates in the worker. */
export const READ_TASK_STACK = `process.getBuiltinModule("node:perf_hooks").performance[Symbol.for("offloop.taskStack")]()`;

/** In a worker, once. */
export function offerTaskStack(): void {
  const maps = new SourceMaps();
  const read = (): string => {
    const taskId = scopes.current?.id;
    // What was evaluated stands on top of the task's own frames.
    const raw = taskId === undefined ? [] : stackBelow(read, 1);
    return JSON.stringify({ taskId, frames: ofTask(raw).map((frame) => mapped(frame, maps)) });
  };
  Object.defineProperty(performance, READER, { value: read, configurable: true });
}

/** The worker's own code called the task. This file is bundled with it, so it knows its name. */
function ofTask(raw: readonly RawFrame[]): readonly RawFrame[] {
  const end = raw.findIndex(([, file]) => file === workerFile);
  return raw.slice(0, end === -1 ? raw.length : end).filter(({ 6: isAsync }) => !isAsync);
}

const workerFile = (function own() {
  return stackBelow(own)[0]?.[1];
})();

function mapped(raw: RawFrame, maps: SourceMaps): StackFrame {
  const [, file] = raw;
  if (!maps.has(file)) {
    const map = nodeMap(file);
    if (map !== undefined) maps.add(file, map);
  }
  return maps.locate(raw);
}
