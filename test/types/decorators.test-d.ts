import { type InlineExecutor, threaded } from "offloop";
import { describe, expectTypeOf, test } from "vitest";

declare const executor: InlineExecutor;

class Images {
  scale = 2;
  @threaded static async thumbnail(png: Uint8Array, width = 100): Promise<Uint8Array> {
    return png.subarray(0, width);
  }
  @threaded({ timeoutMs: 2_000, executor }) static async sizes(...widths: number[]): Promise<string[]> {
    return widths.map(String);
  }
  @threaded async area(n: number): Promise<number> {
    return n * this.scale;
  }
  @threaded({ executor: () => executor }) promised(this: Images, n: number): Promise<number> {
    return Promise.resolve(n * this.scale);
  }
  @threaded async first<T>(items: readonly T[]): Promise<T | undefined> {
    return items[0];
  }
}

describe("@threaded", () => {
  test("leaves the type of a method as it is", () => {
    expectTypeOf(Images.thumbnail).toEqualTypeOf<(png: Uint8Array, width?: number) => Promise<Uint8Array>>();
    expectTypeOf(Images.sizes).toEqualTypeOf<(...widths: number[]) => Promise<string[]>>();
    expectTypeOf<Images["area"]>().toEqualTypeOf<(n: number) => Promise<number>>();
    expectTypeOf<Images["promised"]>().toEqualTypeOf<(this: Images, n: number) => Promise<number>>();
    expectTypeOf(new Images().first(["a"])).toEqualTypeOf<Promise<string | undefined>>();
  });

  test("is for async generators, too", () => {
    class Rows {
      @threaded async *read(from: number): AsyncGenerator<string> {
        yield String(from);
      }
      @threaded({ window: 5 }) static async *all(): AsyncGenerator<number> {
        yield 1;
      }
    }
    expectTypeOf(new Rows().read(1)).toEqualTypeOf<AsyncGenerator<string>>();
    expectTypeOf(Rows.all()).toEqualTypeOf<AsyncGenerator<number>>();
  });

  test("is for methods that give a promise", () => {
    class Wrong {
      // @ts-expect-error a number is no promise
      @threaded static plain(n: number): number {
        return n;
      }
      // @ts-expect-error a number is no promise
      @threaded({ timeoutMs: 5 }) plain(n: number): number {
        return n;
      }
      // @ts-expect-error a generator gives no promise
      @threaded *items(): Generator<number> {
        yield 1;
      }
      // @ts-expect-error a field is no method
      @threaded field = async (): Promise<number> => 1;
      // @ts-expect-error a getter is no method
      @threaded get value(): Promise<number> {
        return Promise.resolve(1);
      }
    }
    // @ts-expect-error a class is no method
    @threaded
    class Whole {}
    void [Wrong, Whole];
  });

  test("takes the options of threaded()", () => {
    class Wrong {
      // @ts-expect-error an unknown option
      @threaded({ timeout: 5 }) async one(): Promise<void> {}
      // @ts-expect-error a string is no number of milliseconds
      @threaded({ timeoutMs: "5" }) async two(): Promise<void> {}
      // @ts-expect-error options are optional, their parentheses are not
      @threaded() async three(): Promise<void> {}
    }
    void Wrong;
  });

  test("is a property descriptor's decorator, too", () => {
    const descriptor = { value: async (n: number): Promise<number> => n };
    expectTypeOf(threaded({}, "area", descriptor)).toExtend<
      TypedPropertyDescriptor<(n: number) => Promise<number>>
    >();
    expectTypeOf(threaded({ timeoutMs: 5 })({}, "area", descriptor)).toExtend<
      TypedPropertyDescriptor<(n: number) => Promise<number>>
    >();
    // @ts-expect-error a number is no promise
    threaded({}, "area", { value: (n: number): number => n });
  });
});
