/**
 * What says from its first moment on that a realm is a worker of ours. Preloads (`--import`) run in each worker before its own
 * code does: one that awaits a call would start a worker, which runs the preload, which starts a worker.
 *
 * For threads in their `workerData`, for processes in an argument: neither is handed on to what a worker's code starts itself.
 */
/** Which worker a realm is. */
export interface WorkerIdentity {
  readonly id: number;
  readonly kind: "thread" | "process";
}

export interface WorkerMark {
  readonly offloop: WorkerIdentity;
}

/** The mark that this realm was started with. */
export function startedAs(): WorkerIdentity | undefined {
  // Not imported: what only asks needs no threads.
  const threads = process.getBuiltinModule("node:worker_threads");
  const data: unknown = threads.isMainThread ? argument() : threads.workerData;
  const { offloop } = (typeof data === "object" && data !== null ? data : {}) as Partial<WorkerMark>;
  return offloop;
}

function argument(): unknown {
  try {
    const data = JSON.parse(process.argv[2] ?? "") as { parent?: unknown } | null;
    return data?.parent === process.ppid ? data : undefined;
  } catch {
    // Of another program.
    return undefined;
  }
}
