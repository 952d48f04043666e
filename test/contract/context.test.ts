import { expose, registerContext, SerializationError } from "offloop";
import { expect, test } from "vitest";
import { request, tenant } from "../fixtures/contract/context.mjs";
import {
  askForStores,
  askInOtherStore,
  storesHere,
  streamStores,
  streamStoresSync,
} from "../fixtures/contract/main-calls.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";
import { rejection } from "./waits.ts";

const context = ["test.request", "test.tenant"];
let seen: readonly unknown[] = [];
expose({
  "main.stores": () => {
    seen = [request.getStore(), tenant.getStore()];
    return (seen[0] as { id: string } | undefined)?.id;
  },
});

contract("the context of a call", ({ make, apart }) => {
  test("is in force in the task, as a copy, also after it has waited", async () => {
    const executor = make({ context });
    const store = { id: "a" };
    const there = await request.run(store, () => tenant.run([1], () => executor.submit(storesHere, [])));
    expect(there).toEqual({ request: store, tenant: [1], later: store });
  });

  test("is each call's own, and that of the place where it was submitted", async () => {
    const executor = make({ context });
    const ids = Array.from({ length: 50 }, (_, n) => String(n));
    const tasks = ids.map((id) => request.run({ id }, () => executor.submit(storesHere, [])));
    const there = await Promise.all(tasks);
    expect(there.map((stores) => stores.request?.id)).toEqual(ids);
    expect(await executor.submit(storesHere, [])).toEqual({
      request: undefined,
      tenant: undefined,
      later: undefined,
    });
  });

  test.each([true, false])("is the store itself in what the task runs on main (sync: %s)", async (sync) => {
    const executor = make({ context });
    const store = { id: "b" };
    await request.run({ id: "somebody else's" }, () => executor.submit(triple, [1]));
    expect(await request.run(store, () => executor.submit(askForStores, [sync]))).toBe("b");
    expect(seen[0]).toBe(store);
    expect(await request.run(store, () => executor.submit(askInOtherStore, [sync]))).toBe("the worker's");
    expect(seen).toEqual([{ id: "the worker's" }, undefined]);
    await executor.submit(askForStores, [sync]);
    expect(seen).toEqual([undefined, undefined]);
  });

  test("is a stream's through all of its turns, and that of the place where it was made", async () => {
    const executor = make({ context });
    const store = { id: "s" };
    const stream = request.run(store, () => executor.stream(streamStores, [40], { window: 4 }));
    for (let n = 0; n < 20; n++) {
      expect((await stream.next()).value).toEqual(["s", "s"]);
      await executor.submit(triple, [n]);
    }
    seen = [];
    await stream.return?.();
    expect(seen[0]).toBe(store);
    const sync = request.run(store, () => executor.stream(streamStoresSync, [100], { window: 4 }));
    const there: unknown[] = [];
    for await (const id of sync) there.push(id);
    expect(there).toEqual(Array.from({ length: 100 }, () => "s"));
    expect((await executor.stream(streamStores, [1]).next()).value).toEqual([undefined, undefined]);
  });

  test("does not go along unless it is asked for", async () => {
    const executor = make();
    const there = request.run({ id: "c" }, () => executor.submit(storesHere, []));
    if (apart) expect(await there).toEqual({ request: undefined, tenant: undefined, later: undefined });
    await request.run({ id: "c" }, () => executor.submit(askForStores, [false]));
    expect(seen).toEqual([undefined, undefined]);
  });

  test("that cannot be copied is named", async () => {
    const executor = make({ context });
    const store = { id: "d", log: () => {} };
    const error = await rejection(request.run(store, () => executor.submit(triple, [1])));
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ direction: "argument", path: 'context["test.request"].log' });
    expect(await executor.submit(triple, [1])).toBe(3);
  });

  test("bad input is named", () => {
    expect(() => registerContext("", request)).toThrow(/^registerContext: name/);
    expect(() => registerContext("a", {} as never)).toThrow(/^registerContext: storage/);
  });
});
