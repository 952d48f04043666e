import { expect } from "vitest";
import {
  ParseError,
  failRichly,
  parse,
  rejectUnusual,
  throwUnusual,
} from "../../fixtures/contract/throws.mjs";
import { rejection } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

const WRAPPED = ["symbol", "function", "proxy", "revoked", "proxyOfError"];
const AS_THEY_ARE: Readonly<Record<string, unknown>> = {
  string: "just text",
  undefined,
  null: null,
  number: 7,
};
const ERRORS = ["frozen", "getter", "deep", "noStack"];

export const errors: readonly Row[] = [
  {
    row: 1,
    fault: "throws a subclass of Error with a cause and fields",
    async body({ make }) {
      const executor = make();
      const own = await rejection(executor.submit(parse, [7]));
      expect(own).toBeInstanceOf(ParseError);
      expect(own).toMatchObject({ name: "ParseError", message: "unexpected token", line: 7 });
      expect((own as ParseError).where()).toBe("line 7");
      expect((own as Error).stack).toMatch(/throws\.mjs:\d+:\d+[^]*offloop \(worker 1 of /);
      const rich = await rejection(executor.submit(failRichly, []));
      expect(rich).toBeInstanceOf(TypeError);
      expect(rich).toMatchObject({
        code: "E_INPUT",
        details: { list: [1, 2], at: new Date(5) },
        cause: { name: "RangeError", message: "out of range", cause: "a string at the bottom" },
      });
    },
  },
  {
    row: 2,
    fault: "throws what is no error, or one that must not be touched",
    async body({ make }) {
      const executor = make();
      for (const fn of [throwUnusual, rejectUnusual]) {
        for (const [kind, value] of Object.entries(AS_THEY_ARE)) {
          expect(await rejection(executor.submit(fn, [kind]))).toEqual(value);
        }
        for (const kind of WRAPPED) {
          expect(await rejection(executor.submit(fn, [kind]))).toBeInstanceOf(Error);
        }
        for (const kind of ERRORS) {
          expect(await rejection(executor.submit(fn, [kind]))).toBeInstanceOf(TypeError);
        }
      }
      expect(executor.statistics()).toMatchObject({ workersStarted: 1, workersLost: 0 });
    },
  },
  {
    row: 3,
    fault: "rejects with an error that cannot be copied",
    async body({ make }) {
      const executor = make();
      const error = await rejection(executor.submit(rejectUnusual, ["uncloneable"]));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: "with a function", code: "E_FN" });
      // A description of the part, where the part was.
      expect((error as { retry?: unknown }).retry).toEqual(expect.stringContaining("retry"));
      expect(executor.statistics().workersLost).toBe(0);
    },
  },
];
