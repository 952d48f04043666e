import { entrypoint, PeriodicService, type Service } from "offloop/service";
import { expectTypeOf, test } from "vitest";

test("service", () => {
  const sweep = new PeriodicService((signal) => signal.aborted, { intervalMs: 5 });
  expectTypeOf(sweep).toExtend<Service>();
  const run = entrypoint(async ({ signal }) => signal.aborted, { services: [sweep], signals: ["SIGTERM"] });
  expectTypeOf(run).toEqualTypeOf<Promise<boolean | undefined>>();
  // @ts-expect-error no signal
  void entrypoint(() => {}, { signals: ["TERM"] });
  // @ts-expect-error it cannot be stopped
  void entrypoint(() => {}, { services: [{ start() {} }] });
  // @ts-expect-error without an interval it would never rest
  void new PeriodicService(() => {}, {});
});
