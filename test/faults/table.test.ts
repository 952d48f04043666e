/**
 * The suite has the whole table, and nothing twice that it does not mean.
 */
import { expect, test } from "vitest";
import { rows } from "./rows/all.ts";
import type { Row, Where } from "./table.ts";

const BOTH: readonly Where[] = ["thread", "process"];
/** An abort takes a thread's whole process along, and memory moves between threads only. */
const ONE_ONLY: Readonly<Record<Row["row"], Where>> = {
  7: "thread",
  13: "process",
  14: "process",
  15: "process",
  17: "process",
  36: "process",
  42: "process",
};
const NUMBERS: readonly Row["row"][] = [
  ...Array.from({ length: 46 }, (_, index) => index + 1),
  ...(["M1", "M2", "M3", "M4", "F1", "A1", "A2", "A3", "P1"] as const),
];

test.each(NUMBERS)("row %s is there, for each executor that it is for", (number) => {
  const wanted = number in ONE_ONLY ? [ONE_ONLY[number]] : BOTH;
  const own = rows.filter(({ row }) => row === number);
  expect(BOTH.filter((where) => own.some(({ only }) => only === undefined || only === where))).toEqual(
    wanted,
  );
  expect(new Set(own.map(({ fault }) => fault)).size).toBe(own.length);
});

test("no row has a number of its own", () => {
  expect(rows.map(({ row }) => row).filter((number) => !NUMBERS.includes(number))).toEqual([]);
});
