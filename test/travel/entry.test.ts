import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { copyFixtures, fixtures, link, node, project } from "./programs.ts";

const programs = path.join(fixtures, "programs");
const report = readFileSync(path.join(programs, "report.mjs"), "utf8");

/** A program in one file that prints "main" whenever its main part runs. */
const guarded = (guard: string, type: "esm" | "cjs" = "esm"): string => `
${type === "esm" ? 'import { threaded } from "offloop";' : 'const { threaded } = require("offloop");'}
${guard}
const n = 1;
const wrapped = threaded((x) => x + n);
function exported(x) { return x + n + 1; }
${type === "esm" ? "export { exported };" : "exports.exported = exported;"}
if (isMain) {
  console.log(JSON.stringify("main"));
  void import("./report.mjs").then(({ onEachKind }) => onEachKind([[wrapped, 1], [exported, 1]]));
}
`;

test.each(["entry.mjs", "entry.cjs"])("%s that is not guarded", async (file) => {
  const { values, stderr, code } = await node([path.join(programs, file)]);
  const inEntry = [
    ["entry", 2],
    ["entry", 2],
    ["entry", 1],
    ["captured", 6],
  ];
  const each = [...inEntry, file === "entry.mjs" ? 21 : 31, "bytes"];
  expect(values, stderr).toEqual(["started", ...each, ...each]);
  expect(code).toBe(0);
});

describe("guarded with", () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  // Undefined in older ones, so that the main part would never run.
  test.runIf(major > 22 || (major === 22 && minor >= 18))("import.meta.main", async () => {
    const folder = project({ "main.mjs": guarded("const isMain = import.meta.main;"), "report.mjs": report });
    const { values, stderr } = await node(["main.mjs"], { cwd: folder });
    expect(values, stderr).toEqual(["main", 2, 3, 2, 3]);
  });

  test.each([
    [
      'import { pathToFileURL } from "node:url"; const isMain = import.meta.url === pathToFileURL(process.argv[1]).href;',
    ],
    ["const isMain = process.argv[1] === import.meta.filename;"],
  ])("%s", async (guard) => {
    const folder = project({ "main.mjs": guarded(guard), "report.mjs": report });
    const { values, stderr } = await node(["main.mjs"], { cwd: folder });
    expect(values, stderr).toEqual(["main", 2, 3, 2, 3]);
  });

  test("require.main === module", async () => {
    const source = guarded("const isMain = require.main === module;", "cjs");
    const folder = project({ "main.cjs": source, "report.mjs": report });
    const { values, stderr } = await node(["main.cjs"], { cwd: folder });
    expect(values, stderr).toEqual(["main", 2, 3, 2, 3]);
  });

  test("isMainThread, which guards no child process", async () => {
    const guard =
      'import { isMainThread } from "node:worker_threads"; let isMain = false; if (isMainThread) isMain = true;';
    const folder = project({ "main.mjs": guarded(guard), "report.mjs": report });
    const { values, stderr } = await node(["main.mjs"], { cwd: folder });
    expect(values, stderr).toEqual(["main", 2, 3, ["entry", 2], ["entry", 3]]);
  });

  test.each([
    ["a comment", "// as if import.meta.main stood here\n/* require.main === module */ const isMain = true;"],
    ["an import", 'import { isMainThread } from "node:worker_threads"; const isMain = true;'],
  ])("%s, which is no guard", async (_title, guard) => {
    const folder = project({ "main.mjs": guarded(guard), "report.mjs": report });
    const { values, stderr } = await node(["main.mjs"], { cwd: folder });
    const each = [
      ["entry", 2],
      ["entry", 3],
    ];
    expect(values, stderr).toEqual(["main", ...each, ...each]);
  });
});

describe("the entry is known as such", () => {
  const app = (): string => {
    const main = '{ "main": "./programs/entry.cjs" }';
    const folder = project({
      "package.json": '{ "main": "./app/programs/entry.cjs" }',
      "app/package.json": main,
    });
    mkdirSync(path.join(folder, "app/programs"));
    copyFixtures(["registered.mjs", "exported.mjs", "commonjs.cjs"], path.join(folder, "app"));
    const copies = ["entry.mjs", "entry.cjs", "report.mjs"].map((name) => `programs/${name}`);
    copyFixtures(copies, path.join(folder, "app/programs"));
    copyFixtures(["programs/entry.cjs"], path.join(folder, "app/programs"), "plain.js");
    link(path.join(folder, "app/programs/entry.mjs"), path.join(folder, "link.mjs"));
    link("entry.mjs", path.join(folder, "app/programs/link.mjs"));
    link("app", path.join(folder, "linked"));
    return folder;
  };

  test.each([
    ["by a folder with a main", ["app"]],
    ["by a dot", ["."]],
    ["without its ending", ["app/programs/plain"]],
    ["by a link", ["link.mjs"]],
    ["by a link that is kept", ["--preserve-symlinks", "--preserve-symlinks-main", "app/programs/link.mjs"]],
    ["in a linked folder", ["linked/programs/entry.mjs"]],
    ["under --test", ["--test", "--test-reporter=tap", "app/programs/entry.mjs"]],
  ])("%s", async (_title, args) => {
    const { stdout, stderr } = await node(args, { cwd: app() });
    const lines = stdout
      .split("\n")
      .flatMap((line) => /^(?:# )?("started"|\["entry",\d\])$/.exec(line)?.[1] ?? []);
    const each = ['["entry",2]', '["entry",2]', '["entry",1]'];
    expect(lines, stderr).toEqual(['"started"', ...each, ...each]);
  });

  test("when it is loaded again with a query", async () => {
    const folder = project({
      "report.mjs": report,
      "main.mjs": `import { threaded } from "offloop";
        export const wrapped = threaded((x) => x);
        if (!import.meta.url.includes("?")) {
          const { onEachKind } = await import("./report.mjs");
          await onEachKind([[(await import("./main.mjs?again")).wrapped, 1]]);
        }`,
    });
    const { values, stderr } = await node(["main.mjs"], { cwd: folder });
    expect(values, stderr).toEqual([
      ["entry", 1],
      ["entry", 1],
    ]);
  });

  test("when the program took its arguments apart", async () => {
    const folder = project({
      "report.mjs": report,
      "main.mjs": `import "offloop";
        import { onEachKind } from "./report.mjs";
        process.argv.splice(1, 1);
        export function fn() { return 1; }
        await onEachKind([[fn]]);`,
    });
    const { values, stderr } = await node(["main.mjs"], { cwd: folder });
    expect(values, stderr).toEqual([
      ["entry", 1],
      ["entry", 1],
    ]);
  });
});
