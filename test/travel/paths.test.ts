import path from "node:path";
import { expect, test } from "vitest";
import { copyFixtures, link, node, project } from "./programs.ts";

const main = `
import { onEachKind } from "./programs/report.mjs";
import commonjs from "./commonjs.cjs";
import registeredCommonjs from "./registered.cjs";
import { plain } from "./exported.mjs";
import { add2 } from "./registered.mjs";
await onEachKind([[add2, 1], [plain, 1], [commonjs.plain, 1], [commonjs.nested.deeper.fn, 1], [registeredCommonjs.times, 1]]);
`;
const each = [3, 21, 31, 32, 6];
const results = [...each, ...each];

function app(name: string, extra: Record<string, string> = {}): string {
  const folder = project({ "programs/empty": "", "main.mjs": main, ...extra }, name);
  copyFixtures(["commonjs.cjs", "registered.cjs", "exported.mjs", "registered.mjs"], folder);
  copyFixtures(["programs/report.mjs"], path.join(folder, "programs"));
  return folder;
}

test.each([
  ["spaces", "a folder"],
  ["letters that are not ASCII", "Größe 日本 😀"],
  ["signs that mean something in a URL", "a#b?c%41&d;e=f+g@h"],
  ["quotes and brackets", 'it\'s [here] {now} "and" `then` $1'],
])("%s in a path", async (_title, name) => {
  const { values, stderr } = await node(["main.mjs"], { cwd: app(name) });
  expect(values, stderr).toEqual(results);
});

test.each([
  ["resolved", []],
  ["kept", ["--preserve-symlinks"]],
])("a linked package, links %s", async (_title, options) => {
  const folder = app("app", {
    "linked.mjs": main.replaceAll("./", "linked/").replace("linked/programs", "./programs"),
  });
  const elsewhere = project({ "package.json": '{ "name": "linked", "version": "1.0.0" }' }, "linked");
  copyFixtures(["commonjs.cjs", "registered.cjs", "exported.mjs", "registered.mjs"], elsewhere);
  link(elsewhere, path.join(folder, "node_modules/linked"));
  const { values, stderr } = await node([...options, "linked.mjs"], { cwd: folder });
  expect(values, stderr).toEqual(results);
});

test("a module that is loaded with a query, and again with another", async () => {
  const folder = app("app", {
    "state.mjs": `import { threaded } from "offloop";
      export const query = new URL(import.meta.url).search;
      export const wrapped = threaded(() => query);
      export function plain() { return query; }`,
    "queries.mjs": `import { onEachKind } from "./programs/report.mjs";
      const one = await import("./state.mjs?one");
      const two = await import("./state.mjs?two#part");
      const none = await import("./state.mjs");
      await onEachKind([one, two, none].flatMap(({ wrapped, plain }) => [[wrapped], [plain]]));`,
  });
  const { values, stderr } = await node(["queries.mjs"], { cwd: folder });
  const ofEach = ["?one", "?one", "?two", "?two", "", ""];
  expect(values, stderr).toEqual([...ofEach, ...ofEach]);
});

test("a CommonJS module that is loaded again after its cache was cleared", async () => {
  const folder = app("app", {
    "again.cjs": `const file = require.resolve("./registered.cjs");
      const { times: first } = require(file);
      delete require.cache[file];
      const { times: second } = require(file);
      import("./programs/report.mjs").then(({ onEachKind }) => onEachKind([[first, 1], [second, 2]]));`,
  });
  const { values, stderr } = await node(["again.cjs"], { cwd: folder });
  expect(values, stderr).toEqual([6, 12, 6, 12]);
});

test("two copies of a package are two modules", async () => {
  const copy = (version: number): string => `
    let state = ${version};
    export function version() { return state; }`;
  const folder = app("app", {
    "a/index.mjs": copy(1),
    "b/index.mjs": copy(2),
    "copies.mjs": `import { onEachKind } from "./programs/report.mjs";
      import * as a from "./a/index.mjs";
      import * as b from "./b/index.mjs";
      await onEachKind([[a.version], [b.version]]);`,
  });
  const { values, stderr } = await node(["copies.mjs"], { cwd: folder });
  expect(values, stderr).toEqual([1, 2, 1, 2]);
});

test("a file that changed after it was loaded is not run: what was loaded goes by value", async () => {
  const folder = app("app", {
    "work.mjs": `import { threaded } from "offloop";
      export const wrapped = threaded((n) => n + 1);
      export function plain(n) { return n + 1; }`,
    "changed.mjs": `import { writeFileSync } from "node:fs";
      import { onEachKind } from "./programs/report.mjs";
      import { plain, wrapped } from "./work.mjs";
      const { readFileSync } = await import("node:fs");
      writeFileSync("work.mjs", readFileSync("work.mjs", "utf8").replaceAll("n + 1", "n + 2"));
      await onEachKind([[wrapped, 1], [plain, 1]]);`,
  });
  const { values, stderr } = await node(["changed.mjs"], { cwd: folder });
  const asLoaded = ["not-exported", 2];
  expect(values, stderr).toEqual([asLoaded, asLoaded, asLoaded, asLoaded]);
});

test("a module that require() reads through a hook", async () => {
  const hook = `require.extensions[".shout"] = (module, file) =>
    module._compile(require("node:fs").readFileSync(file, "utf8").replaceAll("!", ";"), file)`;
  const folder = app("app", {
    "hook.cjs": hook,
    "work.shout":
      'const { threaded } = require("offloop")! exports.wrapped = threaded((n) => n + 1)! exports.plain = (n) => n + 2!',
    "hooked.cjs": `const { plain, wrapped } = require("./work.shout");
      import("./programs/report.mjs").then(({ onEachKind }) => onEachKind([[wrapped, 1], [plain, 1]]));`,
  });
  const { values, stderr } = await node(["--require", "./hook.cjs", "hooked.cjs"], { cwd: folder });
  expect(values, stderr).toEqual([2, 3, 2, 3]);
});
