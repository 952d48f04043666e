/** Turns that have ended, and are not told yet. */
import { EndedTurns } from "#internal/loop/ended-turns";
import { GcTimes } from "#internal/loop/gc-times";
import { expect, test } from "vitest";

const ended = { startedAt: 0, durationMs: 200, cpuMs: undefined, hasDebugger: false, contexts: new Map() };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("who waits for all of them is told with the last one, also when a listener throws", async () => {
  const told: number[] = [];
  const turns = new EndedTurns(new GcTimes(), ({ durationMs }) => {
    told.push(durationMs);
    throw new Error("a listener that throws");
  });
  await turns.empty();
  turns.add(1, ended);
  turns.add(2, { ...ended, durationMs: 300 });
  let isEmpty = false;
  const empty = turns.empty().then(() => (isEmpty = true));
  expect(() => turns.tell(1)).toThrow("a listener that throws");
  await turn();
  expect(isEmpty).toBe(false);
  turns.add(3, { ...ended, durationMs: 400 });
  expect(() => turns.tellRest()).toThrow("a listener that throws");
  await empty;
  expect(told).toEqual([200, 300, 400]);
});
