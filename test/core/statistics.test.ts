import { FunctionTable } from "#internal/core/statistics";
import { describe, expect, test } from "vitest";

describe("function table", () => {
  test("has a row for each name, with its calls and losses", () => {
    const table = new FunctionTable();
    table.ran("render", 2);
    table.ran("render", 4);
    table.ran("hash", 1);
    table.lost("hash");
    const rows = table.snapshot();
    expect(rows.map(({ name, calls, lost }) => ({ name, calls, lost }))).toEqual([
      { name: "render", calls: 2, lost: 0 },
      { name: "hash", calls: 1, lost: 1 },
    ]);
    expect(rows[0]!.runMs).toMatchObject({ count: 2, min: 2 });
    expect(Object.isFrozen(rows) && rows.every((row) => Object.isFrozen(row))).toBe(true);
  });

  test("stays bounded: beyond 256 names they share a row, and no call is uncounted", () => {
    const table = new FunctionTable();
    for (let index = 0; index < 1_000; index++) table.ran(`function ${index}`, 1);
    table.ran("function 0", 1);
    table.lost("function 999");
    const rows = table.snapshot();
    expect(rows.length).toBeLessThanOrEqual(257);
    expect(rows.reduce((sum, { calls }) => sum + calls, 0)).toBe(1_001);
    expect(rows[0]).toMatchObject({ name: "function 0", calls: 2 });
    expect(rows.at(-1)).toMatchObject({ name: "(others)", calls: 744, lost: 1 });
  });

  test("takes any name, those of an object's own members too", () => {
    const table = new FunctionTable();
    for (const name of ["__proto__", "constructor", "(others)", ""]) table.ran(name, 1);
    expect(table.snapshot().map(({ name }) => name)).toEqual(["__proto__", "constructor", "(others)", ""]);
  });
});
