import { BrokenExecutorError, ExecutorClosedError } from "#internal/core/errors";
import { Admission } from "#internal/dispatch/admission";
import { FakeClock } from "#internal/testing/fake-clock";
import { describe, expect, test } from "vitest";

describe("admission", () => {
  test("takes calls at first", () => {
    const admission = new Admission("pool", new FakeClock(), () => 0);
    expect(admission.refusal()).toBeUndefined();
    expect([admission.state, admission.open]).toEqual(["running", true]);
  });

  test("refuses with the cause while broken, and lets the call after the pause probe", async () => {
    const clock = new FakeClock();
    const admission = new Admission("pool", clock, () => 0);
    const cause = new Error("no file");
    expect(admission.failed(cause)).toMatchObject({ name: "BrokenExecutorError", cause });
    await clock.advance(99);
    expect(admission.refusal()).toBeInstanceOf(BrokenExecutorError);
    expect(admission.refusal()).toMatchObject({ code: "ERR_OFFLOOP_BROKEN_EXECUTOR", cause });
    expect([admission.state, admission.open]).toEqual(["broken", true]);
    await clock.advance(1);
    expect(admission.refusal()).toBeUndefined();
    expect(admission.state).toBe("probing");
    admission.started();
    expect(admission.state).toBe("running");
  });

  test("a probe that fails makes a longer pause", async () => {
    const clock = new FakeClock();
    const admission = new Admission("pool", clock, () => 0);
    admission.failed(new Error("first"));
    await clock.advance(100);
    admission.refusal();
    admission.failed(new Error("second"));
    await clock.advance(199);
    expect(admission.refusal()).toMatchObject({ cause: { message: "second" } });
    await clock.advance(1);
    expect(admission.refusal()).toBeUndefined();
  });

  test("refuses for good once it drains, whatever else happens", () => {
    const admission = new Admission("pool", new FakeClock(), () => 0);
    admission.drain();
    admission.failed(new Error("late"));
    admission.started();
    expect([admission.state, admission.open]).toEqual(["draining", false]);
    expect(admission.refusal()).toBeInstanceOf(ExecutorClosedError);
    admission.close();
    admission.drain();
    expect([admission.state, admission.open]).toEqual(["closed", false]);
    expect(admission.refusal()).toMatchObject({ code: "ERR_OFFLOOP_EXECUTOR_CLOSED", killed: false });
  });
});
