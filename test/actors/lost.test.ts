/** What the calls of an actor that died say of themselves. */
import { WorkerLostError } from "offloop";
import { proxy } from "offloop/actors";
import { expect, test } from "vitest";
import { rejection, until } from "../contract/waits.ts";
import { Mortal } from "../fixtures/actors/mortal.mjs";
import { contract } from "./actors.ts";

const running = { phase: "running", attempts: 1 };
/** Nothing of it has run. */
const waited = { phase: "unknown", attempts: 0 };

contract("a call of an actor that died", ({ executor, spawn }) => {
  test("says whether it ran or waited, and what it was", async () => {
    const mortal = await spawn(Mortal, []);
    const before = mortal.slow();
    const lost = [mortal.exit(7), mortal.ping(), mortal.slow()].map((call) => rejection(call));
    expect(await before).toBe("slow");
    const errors = (await Promise.all(lost)) as WorkerLostError[];
    expect(errors[0]).toBeInstanceOf(WorkerLostError);
    expect(errors).toMatchObject([running, waited, waited].map((fate) => ({ exitCode: 7, ...fate })));
    expect(errors.map(({ message }) => /task (.*)\.$/.exec(message)?.[1])).toEqual([
      "Mortal.exit",
      "Mortal.ping",
      "Mortal.slow",
    ]);
    expect(errors[0]).toMatchObject({ signal: null, oom: false, workerId: expect.any(Number) as number });
    expect(new Set(errors.map(({ workerId }) => workerId)).size).toBe(1);
    expect(await rejection(mortal.ping())).toMatchObject({ exitCode: 7, ...waited });
  });

  test("between two calls has not run", async () => {
    const mortal = await spawn(Mortal, []);
    await mortal.exitLater(3);
    const errors: unknown[] = [];
    await until(() => (mortal.ping().catch((error: unknown) => errors.push(error)), errors.length > 0));
    for (const error of errors) {
      expect(error).toBeInstanceOf(WorkerLostError);
      const { exitCode, phase, attempts } = error as WorkerLostError;
      // It dies between two calls: none is cut short, but an answer may be lost on the way.
      expect([waited, { phase: "finished", attempts: 1 }]).toContainEqual({ phase, attempts });
      expect(exitCode).toBe(3);
    }
    expect(await rejection(mortal.ping())).toMatchObject({ exitCode: 3, ...waited });
  });

  test.runIf(executor === "process")("whose result was lost on the way has finished", async () => {
    const mortal = await spawn(Mortal, []);
    const lost = [mortal.answerAndDie(100_000_000), mortal.never()].map((call) => rejection(call));
    const [answered, behind] = await Promise.all(lost);
    expect(answered).toMatchObject({ phase: "finished", attempts: 1, signal: "SIGKILL" });
    expect(behind).toBeInstanceOf(WorkerLostError);
  });

  test("from a callback, which goes ahead of the others, does not know", async () => {
    const mortal = await spawn(Mortal, []);
    let inside: Promise<unknown> | undefined;
    const outside = mortal.callback(proxy(() => (inside = rejection(mortal.exit(8)))));
    expect(await rejection(outside)).toMatchObject({ exitCode: 8, ...running });
    expect(await inside).toMatchObject({ exitCode: 8, phase: "unknown", attempts: 1 });
  });

  test("is the constructor", async () => {
    const error = await rejection(spawn(Mortal, ["constructor"]));
    expect(error).toMatchObject({ exitCode: 5, ...running });
    expect((error as Error).message).toContain("task new Mortal()");
  });

  test.runIf(executor === "process")("is the start, before the constructor", async () => {
    const options = { execArgv: ["--import", "data:text/javascript,process.exit(9)"] };
    expect(await rejection(spawn(Mortal, [], options))).toMatchObject({ exitCode: 9, ...waited });
  });

  test("is the object's own disposal, or was before it", async () => {
    const ends = await spawn(Mortal, ["disposal"], { disposeTimeoutMs: 10_000 });
    expect(await rejection(ends.dispose())).toMatchObject({ exitCode: 6, ...running });
    const dies = await spawn(Mortal, [], { disposeTimeoutMs: 10_000 });
    void rejection(dies.exit(4));
    expect(await rejection(dies.dispose())).toMatchObject({ exitCode: 4, ...waited });
  });
});
