import { yielder } from "#internal/tasks/yield-to-loop";
import { yieldToLoop } from "offloop/tasks";
import { describe, expect, test } from "vitest";
import { turn } from "../promises.ts";

/** A yielder whose time passes only in `busy`. */
function fakeTime(): { busy(ms: number): void; ask: (sliceMs: number) => Promise<void> | undefined } {
  let now = 0;
  return { busy: (ms) => void (now += ms), ask: yielder(() => now) };
}

/** Counts the turns of the loop until it is told to stop. */
function countTurns(): () => number {
  let turns = 0;
  let over = false;
  const count = (): void => {
    if (over) return;
    turns++;
    setImmediate(count);
  };
  setImmediate(count);
  return () => {
    over = true;
    return turns;
  };
}

describe("yieldToLoop", () => {
  test("gives nothing while the slice lasts, then a promise for the next turn", async () => {
    const { busy, ask } = fakeTime();
    expect(ask(5)).toBeUndefined();
    busy(4);
    expect(ask(5)).toBeUndefined();
    busy(1);
    const wait = ask(5);
    expect(wait).toBeInstanceOf(Promise);
    expect(ask(5)).toBe(wait);
    await wait;
    expect(ask(5)).toBeUndefined();
  });

  test("a slice begins with its turn, not with the first question", async () => {
    const { busy, ask } = fakeTime();
    void ask(5);
    busy(5);
    await ask(5);
    busy(5);
    expect(ask(5)).toBeInstanceOf(Promise);
  });

  test("a turn in which nobody asks starts anew", async () => {
    const { busy, ask } = fakeTime();
    void ask(5);
    await turn();
    await turn();
    busy(100);
    expect(ask(5)).toBeUndefined();
  });

  test("the loop turns each time that a slice is over", async () => {
    const { busy, ask } = fakeTime();
    const turns = countTurns();
    for (let step = 0; step < 100; step++) {
      busy(1);
      await ask(5);
    }
    expect(turns()).toBeGreaterThanOrEqual(19);
  });

  test("loops that run at once share one slice", async () => {
    const { busy, ask } = fakeTime();
    const turns = countTurns();
    const loop = async (): Promise<void> => {
      for (let step = 0; step < 10; step++) {
        busy(1);
        await ask(10);
      }
    };
    await Promise.all(Array.from({ length: 10 }, loop));
    // 100 ms of work in slices of 10. One slice for each of the ten loops would be one turn.
    expect(turns()).toBeGreaterThanOrEqual(5);
  });

  test("in real time", async () => {
    const turns = countTurns();
    for (let step = 0; step < 50; step++) await yieldToLoop(0);
    expect(turns()).toBeGreaterThanOrEqual(49);
  });

  test.each([[-1], [NaN]])("refuses %s", (ms) => {
    expect(() => yieldToLoop(ms)).toThrow(RangeError);
  });

  test("refuses a text", () => {
    expect(() => yieldToLoop("5" as never)).toThrow(TypeError);
  });
});
