import { Whereabouts } from "#internal/loop/watchdog/whereabouts";
import { expect, test } from "vitest";

const [POLL, FUTEX] = ["232 0x8 0x7ffd 0x400", "202 0x7f01 0x189 0x0"];

function thread() {
  let place = POLL;
  const whereabouts = new Whereabouts(() => place);
  return {
    whereabouts,
    goes(to: string) {
      place = to;
      whereabouts.moved();
    },
  };
}

test("a wait is the loop's own once the loop was found idle in it", () => {
  const { whereabouts, goes } = thread();
  expect(whereabouts.isAsleepElsewhere()).toBe(true);
  whereabouts.wasIdle();
  expect(whereabouts.isAsleepElsewhere()).toBe(false);
  goes(FUTEX);
  expect(whereabouts.isAsleepElsewhere()).toBe(true);
});

test("a loop that is found idle says nothing of a wait that it has left", () => {
  const { whereabouts, goes } = thread();
  goes(FUTEX);
  expect(whereabouts.isAsleepElsewhere()).toBe(true);
  goes("running");
  whereabouts.wasIdle();
  goes(FUTEX);
  expect(whereabouts.isAsleepElsewhere()).toBe(true);
});

test("what runs, and what nobody can look at, sleeps nowhere", () => {
  const { whereabouts, goes } = thread();
  goes("running");
  expect(whereabouts.isAsleepElsewhere()).toBe(false);
  expect(new Whereabouts(undefined).isAsleepElsewhere()).toBe(false);
});
