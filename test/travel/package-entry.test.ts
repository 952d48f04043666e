import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { fixtures, node, project } from "./programs.ts";

const report = readFileSync(path.join(fixtures, "programs/report.mjs"), "utf8");

/** A package whose entry does more than export, in both module systems. */
function patched(name: string, manifest: object = {}): Record<string, string> {
  const folder = `node_modules/${name}`;
  const exports = { import: "./index.mjs", require: "./index.cjs" };
  return {
    [`${folder}/package.json`]: JSON.stringify({ name, version: "1.0.0", exports, ...manifest }),
    [`${folder}/index.mjs`]:
      'import { table } from "./work.mjs"; table.n = 1; export { work } from "./work.mjs";',
    [`${folder}/work.mjs`]: "export const table = { n: 0 }; export function work(x) { return x + table.n; }",
    [`${folder}/index.cjs`]:
      'const { table, work } = require("./work.cjs"); table.n = 2; exports.work = work;',
    [`${folder}/work.cjs`]:
      "const table = { n: 0 }; exports.table = table; exports.work = function work(x) { return x + table.n; };",
  };
}

const main = (name: string, work = "work"): string => `
  import { createRequire } from "node:module";
  import { onEachKind } from "./report.mjs";
  import { ${work} } from "${name}";
  const required = createRequire(import.meta.url)("${name}").${work};
  const around = (fn) => (x) => fn(x);
  await onEachKind([[${work}, 10], [required, 10], [around(${work}), 10], [around(required), 10], [(x) => ${work}(x), 10]]);`;

test.each(["patched", "@scope/patched"])("the entry of %s is imported before its module", async (name) => {
  const folder = project({ ...patched(name), "main.mjs": main(name), "report.mjs": report });
  const { values, stderr } = await node(["main.mjs"], { cwd: folder });
  const each = [11, 12, ["captured", 11], ["captured", 12], ["entry", 11]];
  expect(values, stderr).toEqual([...each, ...each]);
});

test("not where the package says that its modules stand alone, nor where nobody has loaded it", async () => {
  const loud = 'console.log(JSON.stringify("entry"));';
  const alone = patched("alone", { sideEffects: false });
  alone["node_modules/alone/index.mjs"] = `${loud} export { work } from "./work.mjs";`;
  const unused = patched("unused", { exports: undefined, main: "index.cjs" });
  unused["node_modules/unused/index.cjs"] = loud;
  const folder = project({
    ...alone,
    ...unused,
    "report.mjs": report,
    "main.mjs": `
      import { onEachKind } from "./report.mjs";
      import { work } from "alone";
      import unused from "unused/work.cjs";
      await onEachKind([[work, 10], [unused.work, 10]]);`,
  });
  const { values, stderr } = await node(["main.mjs"], { cwd: folder });
  expect(values, stderr).toEqual(["entry", 10, 10, 10, 10]);
});

test("the package that is running is not started again", async () => {
  const files = patched("tool", { type: "module", bin: "./index.mjs" });
  files["node_modules/tool/index.mjs"] = `
    import { onEachKind } from "../../report.mjs";
    import { table, work } from "./work.mjs";
    console.log(JSON.stringify("started"));
    table.n = 1;
    await onEachKind([[work, 10]]);`;
  const folder = project({ ...files, "report.mjs": report });
  const { values, stderr } = await node(["node_modules/tool/index.mjs"], { cwd: folder });
  expect(values, stderr).toEqual(["started", 10, 10]);
});

test("an entry that cannot be imported changes nothing", async () => {
  const files = patched("broken", { exports: { "./work": "./work.mjs" } });
  const folder = project({
    ...files,
    "report.mjs": report,
    "main.mjs": `
      import { onEachKind } from "./report.mjs";
      import { work } from "broken/work";
      await onEachKind([[work, 10]]);`,
  });
  const { values, stderr } = await node(["main.mjs"], { cwd: folder });
  expect(values, stderr).toEqual([10, 10]);
});
