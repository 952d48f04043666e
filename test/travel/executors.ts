import { ProcessPoolExecutor, ThreadPoolExecutor, TravelError, type TravelErrorKind } from "offloop";
import { afterAll, describe, expect } from "vitest";

type Pool = ThreadPoolExecutor | ProcessPoolExecutor;
type Any = (...args: unknown[]) => unknown;
type Kinds = TravelErrorKind | readonly TravelErrorKind[];

/** The same cases on one worker of each kind, which a busy machine gives as much time as the test. Fixtures see in the environment that they are in a child. */
export function onEachKind(cases: (pool: () => Pool, kind: "thread" | "process") => void): void {
  describe.each(["thread", "process"] as const)("%s", (kind) => {
    let pool: Pool | undefined;
    afterAll(() => pool?.shutdown());
    const make = (): Pool =>
      kind === "thread"
        ? new ThreadPoolExecutor({ maxWorkers: 1, nice: 0 })
        : new ProcessPoolExecutor({
            maxWorkers: 1,
            nice: 0,
            env: { ...process.env, OFFLOOP_TEST_CHILD: "1", VITEST: undefined },
          });
    cases(() => (pool ??= make()), kind);
  });
}

/** The call is refused with this kind, and nothing ran. */
export async function expectRefused(call: PromiseLike<unknown>, kind: Kinds): Promise<TravelError> {
  const error: unknown = await Promise.resolve(call).then(
    (value) => expect.fail(`it ran and gave ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TravelError);
  const refusal = error as TravelError;
  expect(refusal.code).toBe("ERR_OFFLOOP_TRAVEL");
  expect([kind].flat()).toContain(refusal.kind);
  expect(refusal.path).not.toBe("");
  return refusal;
}

/** By reference it is refused with this kind. Left to itself it goes by value, and does there what it does here. */
export async function expectByValue(pool: Pool, fn: unknown, args: unknown[], kind: Kinds): Promise<void> {
  await expectRefused(pool.submit(fn as Any, args, { travel: "reference" }), kind);
  const { sync: plain = fn } = fn as { sync?: unknown };
  const here = await outcome(() => (plain as Any)(...structuredClone(args)));
  for (const travel of ["auto", "value"] as const) {
    expect(await outcome(() => pool.submit(fn as Any, args, { travel }))).toStrictEqual(here);
  }
}

/** Refused in every way: with one kind by reference, with another by value, which is also what is said in the end. */
export async function expectNoWay(
  pool: Pool,
  fn: unknown,
  { reference, value }: { readonly reference: Kinds; readonly value: Kinds },
): Promise<void> {
  await expectRefused(pool.submit(fn as Any, [1], { travel: "reference" }), reference);
  await expectRefused(pool.submit(fn as Any, [1], { travel: "value" }), value);
  await expectRefused(pool.submit(fn as Any, [1]), value);
}

/** What it gives or what it throws, so that both sides can be compared. */
export async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return { value: await call() };
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
}
