import type { TravelErrorKind } from "offloop";
import { describe, expect, test } from "vitest";
import { closures, functions } from "../fixtures/travel/npm-functions.mjs";
import { expectRefused, onEachKind } from "./executors.ts";

/** What cannot go by value, and why: by reference, as it goes by itself here, all can. */
const NOT_BY_VALUE: Readonly<Record<string, TravelErrorKind>> = {
  // What compiles partials refers to the parser, whose prototype has no class.
  "a template of handlebars": "live-object",
  // Its module switches \`external\` while it computes.
  "a number of decimal.js": "shared-let",
  // Its prototype is an object literal.
  "a number of fraction.js": "live-object",
  // What lodash knows of the functions it made is in a WeakMap.
  "a partial application of lodash": "live-object",
};

onEachKind((pool, kind) => {
  // Inside of an object a Buffer arrives as a Uint8Array on threads.
  const copied = (value: unknown): unknown =>
    kind === "process" || Buffer.isBuffer(value) ? value : structuredClone(value);

  describe("functions of packages, unwrapped, give what they give here", () => {
    test.each(functions)("%s", async (_title, fn, ...args) => {
      expect(await pool().submit(fn, args)).toEqual(copied(await fn(...args)));
    });
  });

  describe.each(["reference", "value"] as const)("closures around them do, too, by %s", (travel) => {
    test.each(closures)("%s", async (title, fn, ...args) => {
      const call = pool().submit(fn, args, { travel });
      const refusal = travel === "value" ? NOT_BY_VALUE[title] : undefined;
      if (refusal !== undefined) await expectRefused(call, refusal);
      else expect(await call).toEqual(await fn(...args));
    });
  });
});
