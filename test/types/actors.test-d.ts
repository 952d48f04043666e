import { type ActorRemote, proxy, spawnActor } from "offloop/actors";
import { describe, expectTypeOf, test } from "vitest";

class Store {
  readonly size = 0;
  readonly #path: string;
  constructor(path: string, limit?: number) {
    this.#path = `${path}${limit}`;
  }
  get(key: string): number | undefined {
    return key === this.#path ? 1 : undefined;
  }
  async load(keys: readonly string[]): Promise<Map<string, number>> {
    return new Map(keys.map((key) => [key, 1]));
  }
  dispose(): void {}
  [Symbol.dispose](): void {}
}

describe("actors", () => {
  test("have the methods of the class, as promises", async () => {
    await using store = await spawnActor(Store, ["a", 5], { executor: "process" });
    expectTypeOf(store).toEqualTypeOf<ActorRemote<Store>>();
    expectTypeOf(store.get).toEqualTypeOf<(key: string) => Promise<number | undefined>>();
    expectTypeOf(store.load(["a"])).toEqualTypeOf<Promise<Map<string, number>>>();
    expectTypeOf(store.dispose({ timeoutMs: 5 })).toEqualTypeOf<Promise<void>>();
    // @ts-expect-error no method
    void store.size;
    // @ts-expect-error not the parameter's type
    void store.get(5);
  });

  test("check the arguments of the constructor", () => {
    // @ts-expect-error not a string
    void spawnActor(Store, [5]);
    // @ts-expect-error one is missing
    void spawnActor(Store, []);
    // @ts-expect-error no class
    void spawnActor(() => 1, []);
    // @ts-expect-error no executor's name
    void spawnActor(Store, ["a"], { executor: "inline" });
  });

  test("leave a proxied value its type", () => {
    const callback = (n: number): string => String(n);
    expectTypeOf(proxy(callback)).toEqualTypeOf<(n: number) => string>();
    // @ts-expect-error primitives are copied
    proxy(5);
  });
});
