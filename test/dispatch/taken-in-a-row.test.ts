import { expect, test } from "vitest";
import { setup } from "./fake-workers.ts";

test("a worker that begins nothing gets twice the time with each sending, so that large calls arrive on a busy machine", async () => {
  const { submit, firstReady, clock } = setup({ most: 16, maxWorkers: 1 });
  const link = firstReady();
  void submit("warm");
  link.runMs = 0.01;
  link.answer();
  for (let n = 0; n < 5; n++) void submit(`call ${n}`);
  link.answer();
  const sendings: number[] = [];
  for (let ms = 1, before = link.sent.length; ms <= 64; ms++) {
    await clock.advance(1);
    if (link.sent.length > before) sendings.push(ms);
    before = link.sent.length;
  }
  expect(sendings.length).toBeGreaterThan(1);
  const pauses = sendings.slice(1).map((at, index) => at - sendings[index]!);
  for (const [index, pause] of pauses.entries()) {
    if (index > 0) expect(pause).toBeGreaterThanOrEqual(pauses[index - 1]! * 2 - 1);
  }
});
