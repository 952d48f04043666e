import { currentTask } from "offloop";
import { expect, test } from "vitest";
import { whoAmI } from "../fixtures/contract/cooperative.mjs";
import { contract } from "./executors.ts";

contract("currentTask()", ({ shared }) => {
  test("is the task that main holds", async () => {
    const task = shared().submit(whoAmI, []);
    expect(await task).toEqual({ id: task.id, name: "whoAmI", same: true, aborted: false });
    expect(task.name).toBe("whoAmI");
  });

  test("knows the name that was given with the call", async () => {
    const task = shared().submit(whoAmI, [], { name: "who, really" });
    expect(task.name).toBe("who, really");
    expect(await task).toMatchObject({ id: task.id, name: "who, really" });
    expect(await shared().submit(whoAmI, [])).toMatchObject({ name: "whoAmI" });
  });

  test("is another one for each of many", async () => {
    const tasks = Array.from({ length: 20 }, () => shared().submit(whoAmI, []));
    const seen = await Promise.all(tasks);
    expect(seen.map((task) => task?.id)).toEqual(tasks.map(({ id }) => id));
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(20);
  });

  test("is nothing outside of a task", async () => {
    const task = shared().submit(whoAmI, []);
    expect(currentTask()).toBeUndefined();
    expect(await whoAmI()).toBeUndefined();
    await task;
    expect(currentTask()).toBeUndefined();
    await task.then(() => expect(currentTask()).toBeUndefined());
  });
});
