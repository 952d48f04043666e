import { usesHiddenThis } from "#internal/travel/hidden-this";
import { expect, test } from "vitest";

test.each([
  "() => this",
  "async () => { await this.x; }",
  "x => () => this.x",
  "() => new.target",
  "() => { if (x) { return [...this.list]; } }",
  "() => `${this.a}`",
  "() => super.m()",
  "(a = this) => a",
  "({ [this.k]: a }) => a",
  "() => class extends this.Base {}",
  "() => class { [this.name]() {} }",
  "() => ({ [this.k]: 1 })",
  "() => eval('1')",
  "m() { return super.m(); }",
  "async *m() { yield* super.m(); }",
  "get x() { return super.x; }",
  "m() { return () => super.m(); }",
  "[`m`](a = super.a) { return a; }",
  "#m() { return super.m(); }",
  // Not parsed: nobody knows.
  "() => this %% 1",
])("%s uses what is around it", (text) => {
  expect(usesHiddenThis(text)).toBe(true);
});

test.each([
  "() => 1",
  "function f() { return this; }",
  "async function f() { return eval('this'); }",
  "async  function*f() { return this; }",
  "m() { return this.x; }",
  "m() { return () => this.x + new.target; }",
  "get x() { return this._x; }",
  "() => 'this'",
  "() => { /* this */ return x.this; }",
  "() => ({ this: 1, super: 2 })",
  "() => function () { return this; }",
  "() => ({ m() { return this.x + super.y; } })",
  "() => class { x = this.y; static { this.z = 1; } m() { return super.m(); } }",
  "() => import.meta.url + 'this'",
  "() => other.eval('this')",
  "m() { return { n() { return super.n(); } }; }",
])("%s does not", (text) => {
  expect(usesHiddenThis(text)).toBe(false);
});
