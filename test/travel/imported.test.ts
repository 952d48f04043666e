import { expect, test } from "vitest";
import { node, project } from "./programs.ts";

// As the program's own modules: a test runner makes something else of them.
const LIBRARY = `
export class Point { constructor(x) { this.x = x; } twice() { return new Point(this.x * 2); } }
export const NONE = { none: true };
export const find = () => NONE;
export const given = process.argv.slice(2);
export const readGiven = () => given;
`;

const MAIN = `
import { ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
import { find, NONE, Point, readGiven } from "./library.mjs";

const cases = {
  "an instance of an imported class": () => {
    const point = new Point(1);
    return () => [point instanceof Point, point.twice() instanceof Point, point.twice().x];
  },
  "met in another function first": () => {
    const point = new Point(1);
    const get = () => point;
    const is = (value) => value instanceof Point;
    return () => [get() instanceof Object, is(get())];
  },
  "a marker under another name": () => {
    const [found, none] = [find, NONE];
    return () => [found() === none, found() === NONE, find() === none];
  },
  "the program's arguments": () => readGiven,
};
process.on("warning", () => {});
for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  const pool = new Pool({ maxWorkers: 1 });
  for (const [name, make] of Object.entries(cases)) {
    const here = make()();
    const there = await pool.submit(make(), []).catch(String);
    console.log(JSON.stringify([name, here, there]));
  }
  await pool.shutdown();
}
`;

test("what modules export is the worker's own, wherever a call meets it", async () => {
  const folder = project({ "library.mjs": LIBRARY, "main.mjs": MAIN });
  const { values, stderr } = await node(["main.mjs", "--verbose", "{}"], { cwd: folder });
  expect(values, stderr).toHaveLength(8);
  for (const [name, here, there] of values as [string, unknown, unknown][]) {
    expect(there, name).toEqual(here);
  }
});
