import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { defaultExecutor, InlineExecutor, setDefaultExecutor } from "offloop";
import { entrypoint, type Service } from "offloop/service";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { caught, deferred, stateOf } from "../promises.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
const listeners = (): number[] => SIGNALS.map((signal) => process.listenerCount(signal));

let before: number[];
beforeEach(() => (before = listeners()));
afterEach(() => expect(listeners()).toEqual(before));

/** Services that note what happens to them. */
function services(...names: string[]) {
  const log: string[] = [];
  const made = names.map((name): Service => ({
    name,
    start: () => void log.push(`+${name}`),
    stop: () => void log.push(`-${name}`),
  }));
  return { log, made };
}

describe("entrypoint", () => {
  test("starts in order, runs, stops in reverse order, gives the result", async () => {
    const { log, made } = services("a", "b", "c");
    const result = await entrypoint(
      () => {
        log.push("main");
        expect(listeners()).toEqual(before.map((count) => count + 1));
        return 42;
      },
      { services: made, monitor: { stop: () => void log.push("-monitor") } },
    );
    expect(result).toBe(42);
    expect(log).toEqual(["+a", "+b", "+c", "main", "-c", "-b", "-a", "-monitor"]);
  });

  test("a service is started when the one before is ready", async () => {
    const { log, made } = services("a", "b");
    const connected = deferred();
    const slow: Service = { start: () => connected.promise, stop: () => {} };
    const run = entrypoint(() => 1, { services: [slow, ...made] });
    expect(await stateOf(run)).toBe("pending");
    expect(log).toEqual([]);
    connected.resolve();
    expect(await run).toBe(1);
  });

  test("a start that throws stops those before it, and is thrown", async () => {
    const { log, made } = services("a", "b", "c");
    const error = new Error("no");
    const fails: Service = {
      start: () => Promise.reject(error),
      stop: () => void log.push("never"),
    };
    const run = entrypoint(() => void log.push("main"), { services: [made[0]!, made[1]!, fails, made[2]!] });
    expect(await caught(run)).toBe(error);
    expect(log).toEqual(["+a", "+b", "-b", "-a"]);
  });

  test("an AbortError is an error like others when nobody asked to end", async () => {
    const { log, made } = services("a");
    const error = new DOMException("of its own", "AbortError");
    expect(await caught(entrypoint(() => Promise.reject(error)))).toBe(error);
    const fails: Service = { start: () => Promise.reject(error), stop: () => {} };
    expect(await caught(entrypoint(() => 1, { services: [...made, fails] }))).toBe(error);
    expect(log).toEqual(["+a", "-a"]);
  });

  test("errors of main and of stop: all services stop, all errors are there", async () => {
    const { log, made } = services("a", "b");
    const [own, ofStop] = [new Error("main"), new Error("stop")];
    const fails: Service = { start: () => {}, stop: () => Promise.reject(ofStop) };
    const all = [made[0]!, fails, made[1]!];
    expect(await caught(entrypoint(() => 1, { services: all }))).toBe(ofStop);
    expect(log).toEqual(["+a", "+b", "-b", "-a"]);
    const both = caught(entrypoint(() => Promise.reject(own), { services: all }));
    expect(await both).toMatchObject({ name: "AggregateError", errors: [own, ofStop], cause: own });
  });

  test("the default executors are shut down at the end", async () => {
    const executor = new InlineExecutor();
    setDefaultExecutor(executor);
    let late: Promise<number> | undefined;
    await entrypoint(() => {
      late = defaultExecutor().submit(() => 42, []);
    });
    expect(await late).toBe(42);
    expect(executor.statistics().state).toBe("closed");
  });

  test.each<[string, unknown, unknown]>([
    ["main", 5, {}],
    ["services", () => {}, { services: [{ start() {} }] }],
    ["shutdownTimeoutMs", () => {}, { shutdownTimeoutMs: NaN }],
    ["shutdownTimeoutMs", () => {}, { shutdownTimeoutMs: 0 }],
    ["signals", () => {}, { signals: ["SIGKILL"] }],
    ["signals", () => {}, { signals: ["TERM"] }],
    ["monitor", () => {}, { monitor: true }],
    ["timeoutMs", () => {}, { timeoutMs: 5 }],
  ])("refuses a bad %s, before anything is started", async (name, main, options) => {
    const { log, made } = services("a");
    const error = await caught(entrypoint(main as never, { services: made, ...(options as object) }));
    expect(String(error)).toContain(`"${name}"`);
    expect(log).toEqual([]);
  });

  test("modules are services", async () => {
    const log: string[] = [];
    const service = (name: string): Service =>
      Object.assign(Object.create(null) as object, {
        start: () => void log.push(`+${name}`),
        stop: () => void log.push(`-${name}`),
      });
    await entrypoint(() => {}, { services: [service("a"), service("b")] });
    expect(log).toEqual(["+a", "+b", "-b", "-a"]);
  });

  test("one signal that is named twice is one, and a cancel that throws keeps no service from stopping", async () => {
    const { log, made } = services("a");
    const { promise, resolve } = deferred();
    const cancel = (): never => {
      resolve();
      throw new Error("cannot");
    };
    await entrypoint(
      () => {
        process.kill(process.pid, "SIGUSR2");
        return Object.assign(promise, { cancel });
      },
      { services: made, signals: ["SIGUSR2", "SIGUSR2"] },
    );
    expect(log).toEqual(["+a", "-a"]);
  });

  test("in a worker there are no signals to ask for", async () => {
    const worker = new Worker(new URL("../fixtures/service/worker.mjs", import.meta.url));
    const exit = once(worker, "exit");
    const [message] = (await once(worker, "message")) as unknown[];
    expect(message).toEqual([42, expect.stringContaining('"signals"')]);
    await exit;
  });
});
