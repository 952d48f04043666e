import { ActorDisposedError, WorkerLostError } from "offloop";
import { type ActorOptions, proxy, spawnActor } from "offloop/actors";
import { expect } from "vitest";
import { Mortal } from "../../fixtures/actors/mortal.mjs";
import type { Bench } from "../../contract/executors.ts";
import { rejection, until } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

const spawn = ({ kind }: Bench, options: ActorOptions = {}) =>
  spawnActor(Mortal, [], { executor: kind as "thread" | "process", nice: 0, ...options });

export const actors: readonly Row[] = [
  {
    row: "A1",
    fault: "the worker of an actor ends in a call, with others behind it",
    async body(bench) {
      await using mortal = await spawn(bench);
      const lost = [mortal.exit(7), mortal.ping(), mortal.slow()].map((call) => rejection(call));
      for (const [index, error] of (await Promise.all(lost)).entries()) {
        expect(error).toBeInstanceOf(WorkerLostError);
        expect(error).toMatchObject({ exitCode: 7, phase: index === 0 ? "running" : "unknown" });
      }
      expect(await rejection(mortal.ping())).toBeInstanceOf(WorkerLostError);
    },
  },
  {
    row: "A1",
    fault: "the worker of an actor is killed in a call",
    only: "process",
    async body(bench) {
      await using mortal = await spawn(bench);
      const pid = await mortal.pid();
      let begin = (): void => {};
      const begun = new Promise<void>((resolve) => (begin = resolve));
      const running = rejection(mortal.callback(proxy(() => (begin(), new Promise(() => {})))));
      const waiting = rejection(mortal.ping());
      await begun;
      process.kill(pid, "SIGKILL");
      expect(await running).toMatchObject({ signal: "SIGKILL", phase: "running", attempts: 1 });
      expect(await waiting).toMatchObject({ signal: "SIGKILL", phase: "unknown", attempts: 0 });
    },
  },
  {
    row: "A1",
    fault: "the worker of an actor ends in a call, and another takes its place",
    async body(bench) {
      await using mortal = await spawn(bench, { restart: "on-crash", restartDelayMs: 0 });
      for (const code of [3, 4]) {
        const [lost, behind] = [mortal.exit(code), mortal.ping()].map((call) => rejection(call));
        expect(await lost).toMatchObject({ exitCode: code, phase: "running" });
        expect(await behind).toMatchObject({ exitCode: code, attempts: 0 });
        expect(await mortal.ping()).toBe("pong");
      }
    },
  },
  {
    row: "A2",
    fault: "the worker of an actor ends while main runs a callback of its call",
    async body(bench) {
      await using mortal = await spawn(bench);
      let inside: Promise<unknown> | undefined;
      let end = (): void => {};
      const held = new Promise<void>((resolve) => (end = resolve));
      const call = mortal.callback(
        proxy(() => {
          inside = rejection(mortal.exit(8));
          return held;
        }),
      );
      expect(await rejection(call)).toMatchObject({ exitCode: 8, phase: "running" });
      expect(await inside).toMatchObject({ exitCode: 8 });
      // Nobody is there for what main's function comes to.
      end();
    },
  },
  {
    row: "A3",
    fault: "an actor is disposed of while its worker hangs in a call",
    async body(bench) {
      const mortal = await spawn(bench, { disposeTimeoutMs: 1 });
      const lost = [mortal.never(), mortal.ping()].map((call) => rejection(call));
      await mortal.dispose();
      for (const error of await Promise.all(lost)) expect(error).toBeInstanceOf(ActorDisposedError);
    },
  },
  {
    row: "A3",
    fault: "an actor is disposed of when its worker has ended between two calls",
    async body(bench) {
      const mortal = await spawn(bench);
      await mortal.exitLater(5);
      let lost = false;
      await until(() => (mortal.ping().catch(() => (lost = true)), lost));
      await mortal.dispose();
      expect(await rejection(mortal.ping())).toBeInstanceOf(ActorDisposedError);
    },
  },
];
