/**
 * Several monitors of one loop: what they ask for together, and what each of them hears.
 */
import type { FoundStall } from "#internal/loop/ended-turns";
import type { Watcher } from "#internal/loop/watcher";
import { Watchers } from "#internal/loop/watchers";
import type { Stall } from "offloop";
import { expect, test } from "vitest";

interface Heard {
  readonly stalls: Stall[];
  readonly lasting: Stall[];
}

function monitors(...all: readonly Partial<Watcher>[]): { watchers: Watchers; heard: Heard[] } {
  const watchers = new Watchers();
  const heard = all.map((options) => {
    const one: Heard = { stalls: [], lasting: [] };
    watchers.add({
      thresholdMs: 100,
      sampleMs: 10,
      stacks: "auto",
      idleHeartbeatMs: undefined,
      syncCalls: false,
      unresponsive: undefined,
      sampled: () => {},
      contexts: () => [],
      lasting: (_turn, stall) => void one.lasting.push(stall),
      stalled: (stall) => void one.stalls.push(stall),
      ...options,
    });
    return one;
  });
  return { watchers, heard };
}

test("the idle heartbeat is the shortest that is set, and the platform's own when none is", () => {
  expect(monitors({ idleHeartbeatMs: 40 }, {}, { idleHeartbeatMs: 10 }).watchers.idleHeartbeatMs).toBe(10);
  expect(monitors({}, {}).watchers.idleHeartbeatMs).toBeNaN();
});

test("a stall that lasts is told to those whose threshold it has reached", () => {
  const { watchers, heard } = monitors({ thresholdMs: 50 }, { thresholdMs: 5_000 });
  watchers.lasting(1, JSON.stringify({ durationMs: 1_011 }));
  expect(heard.map(({ lasting }) => lasting.length)).toEqual([1, 0]);
  watchers.lasting(1, JSON.stringify({ durationMs: 8_000 }));
  expect(heard.map(({ lasting }) => lasting.length)).toEqual([2, 1]);
});

test("a monitor that throws robs no other, and what it throws is not lost", () => {
  const found: FoundStall = { kind: "loop", cause: "sync-js", startedAt: 0, durationMs: 200 };
  const throwing = (error: Error): Partial<Watcher> => ({
    lasting() {
      throw error;
    },
    stalled() {
      throw error;
    },
  });
  const [first, second] = [new Error("first"), new Error("second")];
  const { watchers, heard } = monitors(throwing(first), {}, throwing(second), {});
  expect(() => watchers.stalled(found)).toThrow(first);
  expect(() => watchers.lasting(1, JSON.stringify(found))).toThrow(first);
  expect(heard.map(({ stalls, lasting }) => [stalls.length, lasting.length])).toEqual([
    [0, 0],
    [1, 1],
    [0, 0],
    [1, 1],
  ]);
});
