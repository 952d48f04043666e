/**
 * One program for all the ways in which programs are built and started: it calls functions of every kind where it is and in a
 * worker, and tells where the outcomes differ.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { type Ended, fixtures, nodeMajor, project } from "./programs.ts";

const folder = path.join(fixtures, "app");

export const appFiles: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), "utf8")]),
);

export function app(more: Readonly<Record<string, string>> = {}): string {
  return project({ "package.json": '{ "type": "module" }', ...appFiles, ...more });
}

/** On threads and on processes. */
export function expectSame({ code, values, stdout, stderr }: Ended, except: object = {}): void {
  expect(code, stdout + stderr).toBe(0);
  // More than once, if a worker ran the program again.
  expect(values[0], stdout + stderr).toBe("started");
  expect(values).toHaveLength(3);
  for (const results of values.slice(1) as Record<string, string>[]) {
    expect(Object.keys(results)).toHaveLength(18);
    const different = Object.entries(results).filter(([, result]) => result !== "same");
    expect(Object.fromEntries(different)).toEqual(except);
  }
}

/** All of them, by `npm run environments`. */
export const allEnvironments = process.env["OFFLOOP_ENVIRONMENTS"] === "all";

/** The common ones always, more on one version of Node: what differs between versions is not the bundlers. */
export const mostEnvironments = allEnvironments || nodeMajor === 20;
