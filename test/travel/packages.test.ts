import { createRequire } from "node:module";
import * as acorn from "acorn";
import { Lexer, Marked, marked, parse } from "marked";
import { runInExecutor } from "offloop";
import { describe, expect, test } from "vitest";
import { expectNoWay, onEachKind } from "./executors.ts";

type Any = (...args: unknown[]) => unknown;
const require = createRequire(import.meta.url);

onEachKind((pool) => {
  const run = (fn: unknown, ...args: unknown[]): Promise<unknown> => pool().submit(fn as Any, args);

  describe("functions of packages, unwrapped", () => {
    test("ESM: marked", async () => {
      expect(await run(parse, "*a*")).toBe("<p><em>a</em></p>\n");
      expect(await run(marked, "# a")).toBe("<h1>a</h1>\n");
      expect(await run(Lexer.lex, "a")).toHaveLength(1);
    });

    test("ESM and CommonJS: acorn", async () => {
      expect(await run(acorn.parse, "1 + 1", { ecmaVersion: 2022 })).toMatchObject({ type: "Program" });
      const required = require("acorn") as typeof acorn;
      expect(required.parse).not.toBe(acorn.parse);
      expect(await run(required.parse, "1", { ecmaVersion: 2022 })).toMatchObject({ type: "Program" });
      expect(await run(acorn.Parser.parse, "1", { ecmaVersion: 2022 }).catch(String)).toMatch(/TypeError/);
    });

    test("CommonJS: benchmark, autocannon", async () => {
      const { formatNumber } = require("benchmark") as { formatNumber: Any };
      expect(await run(formatNumber, 1_234_567)).toBe("1,234,567");
      const { aggregateResult } = require("autocannon") as { aggregateResult: Any };
      await expect(run(aggregateResult, [], {})).rejects.not.toMatchObject({ code: "ERR_OFFLOOP_TRAVEL" });
    });

    test("what a package made for the caller stays", async () => {
      await expectNoWay(pool(), new Marked().parse, { reference: "captured", value: "this" });
    });
  });
});

test("on the default executor", async () => {
  expect(await runInExecutor(null, parse, "a")).toBe("<p>a</p>\n");
});
