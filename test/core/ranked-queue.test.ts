import { goesBefore, type Ranked } from "#internal/core/priority";
import { RankedQueue } from "#internal/core/ranked-queue";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

interface Item {
  readonly rank: number;
  readonly id: number;
  ticket: number;
}

const isBefore = (a: Item, b: Item): boolean => a.rank < b.rank || (a.rank === b.rank && a.id < b.id);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("push" as const), rank: fc.integer({ max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("shift" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), which: fc.nat() }) },
);

describe("a ranked queue", () => {
  test("is a sorted list, whatever happens to it", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new RankedQueue<Item>(isBefore, (item, ticket) => (item.ticket = ticket));
        let model: Item[] = [];
        for (const [id, one] of steps.entries()) {
          if (one.do === "push") {
            const item = { rank: one.rank, id, ticket: NaN };
            expect(queue.push(item)).toBe(item.ticket);
            model.push(item);
            model.sort((a, b) => (isBefore(a, b) ? -1 : 1));
          } else if (one.do === "shift") {
            expect(queue.peek()).toBe(model[0]);
            expect(queue.shift()).toBe(model.shift());
          } else if (model.length > 0) {
            const item = model[one.which % model.length]!;
            expect(queue.remove(item.ticket, item)).toBe(true);
            expect(queue.remove(item.ticket, item)).toBe(false);
            model = model.filter((other) => other !== item);
          }
          expect(queue.size).toBe(model.length);
        }
        expect(queue.toArray()).toEqual(model);
      }),
    );
  });
});

describe("priority", () => {
  const call = fc.record({
    priority: fc.double({ min: -50, max: 50, noNaN: true }),
    submittedAt: fc.integer({ min: 0, max: 100_000 }),
  });
  const ranked = (calls: { priority: number; submittedAt: number }[]): Ranked[] =>
    calls
      .toSorted((a, b) => a.submittedAt - b.submittedAt)
      .map(({ priority, submittedAt }, id) => ({ id, submittedAt, options: { priority } }));

  test("a call is overtaken only by what comes within as many seconds as its priority is lower", () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 2, maxLength: 50 }), (given) => {
        const calls = ranked(given);
        const queue = new RankedQueue<Ranked>(goesBefore, () => {});
        for (const one of calls) queue.push(one);
        const order = queue.toArray();
        for (const [at, late] of order.entries()) {
          for (const early of order.slice(0, at)) {
            if (early.id < late.id) continue;
            const ahead = (early.options.priority! - late.options.priority!) * 1_000;
            expect(early.submittedAt - late.submittedAt).toBeLessThanOrEqual(ahead + 1e-6);
          }
        }
      }),
    );
  });

  test("is an order: two calls never both go first", () => {
    fc.assert(
      fc.property(call, call, (a, b) => {
        const [one, other] = ranked([a, b]) as [Ranked, Ranked];
        expect(goesBefore(one, other)).toBe(!goesBefore(other, one));
      }),
    );
  });
});
