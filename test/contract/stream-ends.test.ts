import { describe, expect, test } from "vitest";
import { endings, play, playHere } from "../fixtures/contract/stream-ends.mjs";
import { contract } from "./executors.ts";

contract("the end of a stream", ({ shared }) => {
  describe.each(Object.entries(endings))("%s", (name, { told }) => {
    test("outside", async () => expect(await play(shared(), name)).toEqual(told));
    test("inside of a task", async () => expect(await shared().submit(playHere, [name])).toEqual(told));
  });
});
