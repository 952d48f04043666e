import { CpuUse } from "#internal/loop/watchdog/cpu-use";
import { expect, test } from "vitest";

/** A thread that works while it is told to, on a CPU of its own. */
function thread() {
  let [now, cpuMs, isAwake] = [0, 0, true];
  let times = { cpuMs, waitMs: 0 };
  const use = new CpuUse(
    () => (times = times.cpuMs === cpuMs ? times : { cpuMs, waitMs: 0 }),
    () => isAwake,
  );
  return {
    use,
    works(ms: number) {
      now += ms;
      cpuMs += ms;
      isAwake = true;
    },
    waits(ms: number) {
      now += ms;
      isAwake = false;
    },
    isStolen(ms: number) {
      now += ms;
      isAwake = true;
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

test("of a stall out of idling: since the last of the looks that found nothing", () => {
  const { use, works, waits, isLookedAt } = thread();
  for (let n = 0; n < 1_000; n++) {
    isLookedAt();
    waits(50);
  }
  isLookedAt();
  expect(use.hasRun).toBe(false);
  works(300);
  expect(use.of(50_000, 300)).toEqual({ cpuMs: 300, cpuWaitMs: 0 });
  isLookedAt();
  expect([use.hasRun, use.hasWork]).toEqual([true, true]);
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

test("time that another machine has the CPU is time without one", () => {
  const { use, works, isStolen, isLookedAt } = thread();
  isLookedAt();
  for (let n = 0; n < 10; n++) {
    works(10);
    isLookedAt(true);
    isStolen(30);
    isLookedAt(true);
  }
  expect(use.of(0, 400)).toEqual({ cpuMs: 100, cpuWaitMs: 300 });
});

test("time asleep is not", () => {
  const { use, works, waits, isLookedAt } = thread();
  isLookedAt();
  works(10);
  for (let n = 0; n < 10; n++) {
    waits(39);
    isLookedAt(true);
  }
  expect(use.of(0, 400)).toEqual({ cpuMs: 10, cpuWaitMs: 0 });
});
