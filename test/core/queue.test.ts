import { Queue, type Ticket } from "#internal/core/queue";
import { describe, expect, test } from "vitest";
import { Random } from "../random.ts";

interface Item {
  readonly label: number;
}

const item = (label: number): Item => ({ label });
const newQueue = (moved: (item: Item, ticket: Ticket) => void = () => {}): Queue<Item> => new Queue(moved);

/** As `expect().toBe()`, which is too slow to ask hundreds of thousands of times. */
function same(actual: unknown, expected: unknown, step: number): void {
  if (actual !== expected) expect(actual, `step ${step}`).toBe(expected);
}

describe("queue", () => {
  test("gives back what came first, and nothing when it is empty", () => {
    const queue = newQueue();
    expect(queue.shift()).toBeUndefined();
    const [first, second] = [item(1), item(2)];
    queue.push(first);
    queue.push(second);
    expect(queue.size).toBe(2);
    expect(queue.shift()).toBe(first);
    expect(queue.shift()).toBe(second);
    expect(queue.shift()).toBeUndefined();
    expect(queue.size).toBe(0);
  });

  test("unshift goes before what has waited, also before anything was taken", () => {
    const queue = newQueue();
    const [first, second, third] = [item(1), item(2), item(3)];
    queue.push(third);
    const ticket = queue.unshift(second);
    queue.unshift(first);
    expect(queue.toArray()).toEqual([first, second, third]);
    expect(queue.remove(ticket, second)).toBe(true);
    expect(queue.toArray()).toEqual([first, third]);
  });

  test("a ticket holds its own item only, and only once", () => {
    const queue = newQueue();
    const [gone, other] = [item(1), item(2)];
    const ticket = queue.push(gone);
    const otherTicket = queue.push(other);
    expect(queue.remove(ticket, other)).toBe(false);
    expect(queue.remove(otherTicket + 100, other)).toBe(false);
    expect(queue.remove(ticket - 100, gone)).toBe(false);
    expect(queue.shift()).toBe(gone);
    expect(queue.remove(ticket, gone)).toBe(false);
    // The freed place is another item's now.
    const back = item(3);
    expect(queue.unshift(back)).toBe(ticket);
    expect(queue.remove(ticket, gone)).toBe(false);
    expect(queue.remove(ticket, back)).toBe(true);
    expect(queue.remove(ticket, back)).toBe(false);
    expect(queue.remove(otherTicket, other)).toBe(true);
    expect(queue.size).toBe(0);
  });

  test("does what a plain array does, in 60 000 random steps", () => {
    const random = new Random(1);
    const tickets = new Map<Item, Ticket>();
    const queue = newQueue((moved, ticket) => tickets.set(moved, ticket));
    const model: Item[] = [];
    const old: { readonly item: Item; readonly ticket: Ticket }[] = [];
    const left = (gone: Item): void => {
      old.push({ item: gone, ticket: tickets.get(gone)! });
      tickets.delete(gone);
    };
    for (let step = 0; step < 60_000; step++) {
      // In turns it grows past the length from which it compacts, and shrinks to nothing.
      const growing = step % 20_000 < 12_000;
      const dice = random.next();
      if (dice < (growing ? 0.5 : 0.2)) {
        const fresh = item(step);
        model.push(fresh);
        tickets.set(fresh, queue.push(fresh));
      } else if (dice < (growing ? 0.6 : 0.25)) {
        const fresh = item(step);
        model.unshift(fresh);
        tickets.set(fresh, queue.unshift(fresh));
      } else if (dice < 0.75) {
        const expected = model.shift();
        same(queue.shift(), expected, step);
        if (expected !== undefined) left(expected);
      } else if (dice < 0.98 && model.length > 0) {
        const [removed] = model.splice(random.below(model.length), 1);
        same(queue.remove(tickets.get(removed!)!, removed!), true, step);
        left(removed!);
      } else if (old.length > 0) {
        const { ticket, item: gone } = random.pick(old);
        same(queue.remove(ticket, gone), false, step);
      }
      same(queue.size, model.length, step);
      if (step % 500 === 0) expect(queue.toArray()).toEqual(model);
    }
  });

  test("a million calls pass at a cost that does not grow with their number", () => {
    const queue = newQueue();
    const one = item(1);
    const length = 1_000_000;
    const startedAt = performance.now();
    for (let count = 0; count < length; count++) queue.push(one);
    for (let count = 0; count < length; count++) {
      if (queue.shift() === undefined) throw new Error(`nothing at ${count}`);
    }
    // An array's shift() takes minutes for this; the queue some 20 ms.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(queue.size).toBe(0);
  });

  test("removing is as cheap, wherever the item stands", () => {
    const length = 200_000;
    const items = Array.from({ length }, (_, label) => item(label));
    const queue = newQueue((moved, ticket) => (tickets[moved.label] = ticket));
    const tickets = items.map((entry) => queue.push(entry));
    const startedAt = performance.now();
    // 7919 is prime and no divisor of the length, so this visits each index once, all over the queue.
    for (let count = 0; count < length; count++) {
      const index = (count * 7919) % length;
      if (!queue.remove(tickets[index]!, items[index]!)) throw new Error(`not there: ${index}`);
    }
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(queue.toArray()).toEqual([]);
  });

  test("what comes and is taken out again leaves no gaps behind an item that waits long", () => {
    const tickets = new Map<Item, Ticket>();
    let moves = 0;
    const queue = newQueue((moved, ticket) => {
      moves++;
      tickets.set(moved, ticket);
    });
    const push = (entry: Item): void => void tickets.set(entry, queue.push(entry));
    const patient = item(0);
    push(patient);
    // The next one is there before one goes, so that the last place is always taken.
    let hasty = patient;
    const added = 10_000;
    for (let label = 1; label <= added; label++) {
      const next = item(label);
      push(next);
      if (hasty !== patient) expect(queue.remove(tickets.get(hasty)!, hasty)).toBe(true);
      hasty = next;
    }
    // Two items moved each time the gaps were most of 1 024 places: rarely, and not never.
    expect(moves).toBeGreaterThan(0);
    expect(moves).toBeLessThan(added / 100);
    expect(queue.toArray()).toEqual([patient, hasty]);
    expect(queue.remove(tickets.get(patient)!, patient)).toBe(true);
    expect(queue.shift()).toBe(hasty);
  });
});
