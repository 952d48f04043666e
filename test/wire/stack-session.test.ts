import { STACK_SESSION_BYTES, StackSession } from "#internal/wire/stack-session";
import { expect, test } from "vitest";

test("once closed none begins any more", () => {
  const session = new StackSession(new SharedArrayBuffer(STACK_SESSION_BYTES));
  expect(session.open()).toBe(true);
  session.end();
  expect(session.open()).toBe(true);
  session.end();
  session.close(1_000);
  expect(session.open()).toBe(false);
});

test("one that stays open is waited for no longer than told", () => {
  const session = new StackSession(new SharedArrayBuffer(STACK_SESSION_BYTES));
  expect(session.open()).toBe(true);
  session.close(5);
  session.end();
  expect(session.open()).toBe(true);
});
