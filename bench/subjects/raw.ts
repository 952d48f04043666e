/**
 * Bare workers: a queue, frames of calls there and of results back, and no more. What every pool is measured against.
 */
export interface Subject {
  call(n: number): PromiseLike<number>;
  close(): unknown;
}

export interface RawWorker {
  post(frame: readonly number[]): void;
  onAnswer(answer: (results: readonly number[]) => void): void;
  close(): unknown;
}

const IN_FLIGHT = 2;

/** `size`: calls in a message. */
export function rawPool(workers: readonly RawWorker[], size: number): Subject {
  let args: number[] = [];
  let resolves: ((result: number) => void)[] = [];
  let head = 0;
  const pumps = workers.map((worker) => {
    const inFlight: ((result: number) => void)[][] = [];
    const pump = (): void => {
      while (inFlight.length < IN_FLIGHT && head < args.length) {
        inFlight.push(resolves.slice(head, head + size));
        worker.post(args.slice(head, head + size));
        head += size;
      }
      if (head < args.length) return;
      args = [];
      resolves = [];
      head = 0;
    };
    worker.onAnswer((results) => {
      inFlight.shift()!.forEach((resolve, index) => resolve(results[index]!));
      pump();
    });
    return pump;
  });
  let scheduled = false;
  const pumpAll = (): void => {
    scheduled = false;
    for (const pump of pumps) pump();
  };
  return {
    call: (n) =>
      new Promise((resolve) => {
        args.push(n);
        resolves.push(resolve);
        if (!scheduled) queueMicrotask(pumpAll);
        scheduled = true;
      }),
    close: () => workers.forEach((worker) => worker.close()),
  };
}
