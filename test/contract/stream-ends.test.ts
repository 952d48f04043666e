import { describe, expect, test } from "vitest";
import { endings, play, playHere } from "../fixtures/contract/stream-ends.mjs";
import { listenersLeft, toldWhileItWaits } from "../fixtures/contract/stream-listeners.mjs";
import { contract } from "./executors.ts";

contract("the end of a stream", ({ shared }) => {
  describe.each(Object.entries(endings))("%s", (name, { told }) => {
    test("outside", async () => expect(await play(shared(), name)).toEqual(told));
    test("inside of a task", async () => expect(await shared().submit(playHere, [name])).toEqual(told));
  });
});

contract("a stream that a task reads, with a signal", ({ shared }) => {
  test.each(["finished", "closed", "cancelled", "failed", "dropped"])(
    "leaves no listener: %s",
    async (how) => {
      expect(await shared().submit(listenersLeft, [how])).toBe(0);
    },
  );

  test("hears it while a read waits that nobody else holds", async () => {
    expect(await shared().submit(toldWhileItWaits, [])).toBe("enough");
  });
});
