import * as offloop from "offloop";
import * as actors from "offloop/actors";
import * as http from "offloop/http";
import * as jobs from "offloop/jobs";
import * as service from "offloop/service";
import * as tasks from "offloop/tasks";
import * as testing from "offloop/testing";
import { expect, test } from "vitest";

test.each([
  ["offloop", offloop],
  ["offloop/actors", actors],
  ["offloop/http", http],
  ["offloop/jobs", jobs],
  ["offloop/service", service],
  ["offloop/tasks", tasks],
  ["offloop/testing", testing],
])("a worker finds every function that %s exports", (specifier, namespace) => {
  const marks = (globalThis as unknown as Record<symbol, WeakMap<object, object>>)[
    Symbol.for("offloop.1.exports")
  ];
  for (const [imported, value] of Object.entries<object | string>(namespace)) {
    if (typeof value === "string") continue; // A constant travels as itself.
    expect(marks?.get(value), imported).toEqual({ specifier, imported });
  }
});
