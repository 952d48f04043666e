import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { throwCopy, throwHidden, throwVisible, Visible } from "../fixtures/travel/throws.mjs";
import { onEachKind } from "./executors.ts";

type Any = (...args: unknown[]) => unknown;
interface Copy {
  readonly CopyError: new () => Error;
  readonly fail: Any;
  readonly failIndirectly: Any;
}

const require = createRequire(import.meta.url);
const a = require("../fixtures/travel/copy-a.cjs") as Copy;
const b = require("../fixtures/travel/copy-b.cjs") as Copy;

onEachKind((pool) => {
  const thrown = (fn: Any): Promise<unknown> =>
    pool()
      .submit(fn, [])
      .catch((error: unknown) => error);

  test("a class of the thrower's module", async () => {
    expect(await thrown(throwVisible)).toBeInstanceOf(Visible);
    expect(await thrown(throwVisible)).toMatchObject({ message: "seen", line: 3 });
    expect(((await thrown(throwHidden)) as Error).constructor.name).toBe("Hidden");
  });

  test("of two copies of a package, the class of the one that threw", async () => {
    for (const { CopyError, fail, failIndirectly } of [a, b]) {
      expect(await thrown(fail)).toBeInstanceOf(CopyError);
      expect(await thrown(failIndirectly)).toBeInstanceOf(CopyError);
    }
  });

  test("no class when it is not known whose", async () => {
    const error = await thrown(throwCopy);
    expect((error as Error).constructor).toBe(Error);
    expect(error).toMatchObject({ message: "which?" });
  });
});
