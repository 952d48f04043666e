/**
 * One worker that takes and gives bytes: bare messages, offloop, piscina.
 */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { ThreadPoolExecutor, transfer } from "offloop";
import { Piscina } from "piscina";
import * as bytes from "../workers/bytes.js";

export interface Payloads {
  /** Copies them there. The result is how many arrived. */
  copy(payload: Uint8Array): PromiseLike<number>;
  /** Moves them there. */
  move(payload: Uint8Array<ArrayBuffer>): PromiseLike<number>;
  /** So many are made there, and copied back. */
  copyBack(size: number): PromiseLike<Uint8Array>;
  moveBack(size: number): PromiseLike<Uint8Array>;
  text(payload: string): PromiseLike<number>;
  close(): unknown;
}

export const payloads: Readonly<Record<string, () => Payloads>> = {
  "raw postMessage"() {
    const worker = new Worker(new URL("../workers/bytes-raw.js", import.meta.url));
    let answered: (result: never) => void;
    worker.on("message", (result) => answered(result as never));
    const call = <R>(name: string, value: unknown, list: readonly ArrayBuffer[] = [], moves = false) => {
      worker.postMessage({ name, value, moves }, list);
      return new Promise<R>((resolve) => (answered = resolve));
    };
    return {
      copy: (payload) => call("length", payload),
      move: (payload) => call("length", payload, [payload.buffer]),
      copyBack: (size) => call("make", size),
      moveBack: (size) => call("make", size, [], true),
      text: (payload) => call("textLength", payload),
      close: () => worker.terminate(),
    };
  },
  offloop: () => offloop(new ThreadPoolExecutor({ maxWorkers: 1 })),
  "offloop, nice 0": () => offloop(new ThreadPoolExecutor({ maxWorkers: 1, nice: 0 })),
  piscina() {
    const filename = fileURLToPath(new URL("../workers/bytes.js", import.meta.url));
    const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1 });
    const run = (name: string, value: unknown, transferList: readonly ArrayBuffer[] = []): never =>
      pool.run(value, { name, transferList }) as never;
    return {
      copy: (payload) => run("length", payload),
      move: (payload) => run("length", payload, [payload.buffer]),
      copyBack: (size) => run("make", size),
      moveBack: (size) => run("makeToMoveWithPiscina", size),
      text: (payload) => run("textLength", payload),
      close: () => pool.destroy(),
    };
  },
};

function offloop(pool: ThreadPoolExecutor): Payloads {
  return {
    copy: (payload) => pool.submit(bytes.length, [payload]),
    move: (payload) => pool.submit(bytes.length, [transfer(payload, [payload.buffer])]),
    copyBack: (size) => pool.submit(bytes.make, [size]),
    moveBack: (size) => pool.submit(bytes.makeToMove, [size]),
    text: (payload) => pool.submit(bytes.textLength, [payload]),
    close: () => pool.shutdown(),
  };
}
