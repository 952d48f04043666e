import * as offloop from "offloop";
import * as testing from "offloop/testing";
import { expect, test } from "vitest";

test.each([
  ["offloop", offloop],
  ["offloop/testing", testing],
])("a worker finds everything that %s exports", (specifier, namespace) => {
  const marks = (globalThis as unknown as Record<symbol, WeakMap<object, object>>)[
    Symbol.for("offloop.1.exports")
  ];
  for (const [imported, value] of Object.entries<object>(namespace)) {
    expect(marks?.get(value), imported).toEqual({ specifier, imported });
  }
});
