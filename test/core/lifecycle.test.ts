import {
  admission,
  close,
  drain,
  failed,
  type Lifecycle,
  pauseMs,
  probe,
  RUNNING,
  started,
} from "#internal/core/lifecycle";
import { describe, expect, test } from "vitest";

const cause = new Error("no worker");

const STATES: readonly Lifecycle[] = [
  RUNNING,
  { kind: "broken", cause, failures: 1, until: 100 },
  { kind: "broken", cause, failures: 20, until: 30_000 },
  { kind: "probing", failures: 3 },
  { kind: "draining" },
  { kind: "closed" },
];

type Event = (life: Lifecycle, now: number) => Lifecycle;
const EVENTS: Readonly<Record<string, Event>> = {
  probe,
  started,
  failed: (life, now) => failed(life, cause, now, 0),
  drain,
  close,
};

/** What may follow what, as the table above the module says. A state may always stay. */
const FOLLOWS: Readonly<Record<Lifecycle["kind"], readonly Lifecycle["kind"][]>> = {
  running: ["broken", "draining", "closed"],
  broken: ["probing", "running", "draining", "closed"],
  probing: ["running", "broken", "draining", "closed"],
  draining: ["closed"],
  closed: [],
};

const STEPS_MS = [0, 150, 40_000];
const LONGEST = 6;

function check(before: Lifecycle, name: string, after: Lifecycle, now: number): string | undefined {
  if (after.kind !== before.kind && !FOLLOWS[before.kind].includes(after.kind)) return "is not in the table";
  if (before.kind === "closed" && after.kind !== "closed") return "closed is not final";
  const admitted = admission(after, now);
  if ((after.kind === "draining" || after.kind === "closed") !== (admitted === "refuse-closed")) {
    return `admission is ${admitted}`;
  }
  if (after.kind === "broken") {
    if (admitted !== (now >= after.until ? "probe" : "refuse-broken")) return `admission is ${admitted}`;
    if (name === "failed" && before.kind === "broken") {
      if (after !== before) return "workers that fail together count twice";
    } else if (name === "failed") {
      const pause = after.until - now;
      if (pause <= 0 || pause > 30_000) return `a pause of ${pause} ms`;
      const failuresBefore = before.kind === "probing" ? before.failures : 0;
      if (after.failures !== failuresBefore + 1) return `counts ${after.failures} failures`;
      if (failuresBefore > 0 && pause < pauseMs(failuresBefore, 0)) return "the pause shrank";
      if (after.cause !== cause) return "the cause is lost";
    }
  }
  return undefined;
}

describe("lifecycle", () => {
  test(`every order of events up to ${LONGEST}, from every state and at any time, keeps the table`, () => {
    let orders = 0;
    const wrong: string[] = [];
    const explore = (life: Lifecycle, now: number, trail: readonly string[]): void => {
      orders++;
      if (trail.length === LONGEST) return;
      for (const [name, event] of Object.entries(EVENTS)) {
        for (const ms of STEPS_MS) {
          const after = event(Object.freeze(life), now + ms);
          const problem = check(life, name, after, now + ms);
          if (problem !== undefined) wrong.push(`${trail.join(", ")}, ${name}: ${problem}`);
          // Time matters to a pause only.
          else if (ms === 0 || life.kind === "broken" || after.kind === "broken") {
            explore(after, now + ms, [...trail, name]);
          }
        }
      }
    };
    for (const state of STATES) explore(state, 0, [state.kind]);
    expect(wrong).toEqual([]);
    expect(orders).toBeGreaterThan(20_000);
  });

  test("of a pause up to a quarter is left out at random", () => {
    expect([0, 0.5, 1].map((random) => pauseMs(1, random))).toEqual([100, 87.5, 75]);
    expect(failed(RUNNING, cause, 1_000, 1)).toMatchObject({ until: 1_075 });
  });

  test("pauses double from 100 ms and stay at 30 s, however often it fails", () => {
    const pauses = Array.from({ length: 2_000 }, (_, index) => pauseMs(index + 1, 0));
    expect(pauses.slice(0, 5)).toEqual([100, 200, 400, 800, 1_600]);
    expect(pauses.every((pause, index) => index === 0 || pause >= pauses[index - 1]!)).toBe(true);
    expect(pauses.at(-1)).toBe(30_000);
  });

  test("a worker that starts ends the row of failures", () => {
    const broken = failed(probe(failed(RUNNING, cause, 0, 0)), cause, 100, 0);
    expect(broken).toMatchObject({ kind: "broken", failures: 2, until: 300 });
    expect(failed(started(broken), cause, 1_000, 0)).toMatchObject({ failures: 1, until: 1_100 });
  });

  test("only one call probes", () => {
    const broken = failed(RUNNING, cause, 0, 0);
    expect(admission(broken, 99)).toBe("refuse-broken");
    expect(admission(broken, 100)).toBe("probe");
    const probing = probe(broken);
    expect(probing.kind).toBe("probing");
    expect(admission(probing, 100)).toBe("take");
    expect(probe(probing)).toBe(probing);
    expect(probe(RUNNING)).toBe(RUNNING);
  });
});
