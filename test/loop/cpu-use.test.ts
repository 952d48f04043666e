import { CpuUse } from "#internal/loop/watchdog/cpu-use";
import { expect, test } from "vitest";

/** A thread that works while it is told to, on a CPU of its own. */
function thread() {
  let [now, cpuMs] = [0, 0];
  const use = new CpuUse(() => ({ cpuMs, waitMs: 0 }));
  return {
    use,
    works(ms: number) {
      now += ms;
      cpuMs += ms;
    },
    waits(ms: number) {
      now += ms;
    },
    isLookedAt(isBlocked = false) {
      use.look(now, isBlocked);
    },
  };
}

test("CPU time of a stall: since the look before it", () => {
  const { use, works, waits, isLookedAt } = thread();
  isLookedAt();
  works(300);
  waits(100);
  expect(use.of(0, 400)).toEqual({ cpuMs: 300, cpuWaitMs: 0 });
});

test("a look in a blocked turn is none before the next stall", () => {
  const { use, works, waits, isLookedAt } = thread();
  isLookedAt();
  works(100);
  isLookedAt(true);
  waits(300);
  expect(use.of(0, 400).cpuMs).toBe(100);
});

test("of a stall right after another one: without what that one took", () => {
  const { use, works, waits, isLookedAt } = thread();
  isLookedAt();
  works(130);
  isLookedAt(true);
  waits(10);
  isLookedAt();
  waits(390);
  expect(use.of(130, 400)).toEqual({ cpuMs: 0, cpuWaitMs: 0 });
});

test("of a stall that began before it was looked at: at the rate of what was seen, or nothing when that was too little", () => {
  const { use, works, isLookedAt } = thread();
  works(200);
  isLookedAt();
  works(200);
  expect(use.of(0, 400).cpuMs).toBe(400);
  expect(use.of(0, 250).cpuMs).toBeUndefined();
});
