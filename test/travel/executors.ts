import { ProcessPoolExecutor, ThreadPoolExecutor, TravelError, type TravelErrorKind } from "offloop";
import { afterAll, describe, expect } from "vitest";

type Pool = ThreadPoolExecutor | ProcessPoolExecutor;

/** The same cases on one worker of each kind. Fixtures see in the environment that they are in a child. */
export function onEachKind(cases: (pool: () => Pool, kind: "thread" | "process") => void): void {
  describe.each(["thread", "process"] as const)("%s", (kind) => {
    let pool: Pool | undefined;
    afterAll(() => pool?.shutdown());
    const make = (): Pool =>
      kind === "thread"
        ? new ThreadPoolExecutor({ maxWorkers: 1 })
        : new ProcessPoolExecutor({
            maxWorkers: 1,
            env: { ...process.env, OFFLOOP_TEST_CHILD: "1", VITEST: undefined },
          });
    cases(() => (pool ??= make()), kind);
  });
}

/** The call is refused with this kind, and nothing ran. */
export async function expectRefused(
  call: PromiseLike<unknown>,
  kind: TravelErrorKind | readonly TravelErrorKind[],
): Promise<TravelError> {
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
