import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { transformSync } from "@babel/core";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { copyFixtures, link, node, project, root } from "./programs.ts";

const area = [6, "BASE", [1, 2], true, true];

/** What each case gives in a worker; what it is refused as. */
const expected = {
  staticWhere: [true, true, "Images"],
  staticState: [6, 3, 2, true],
  instance: area,
  ownFields: [30, "OWN", [1, 2], true, true],
  nestedInPlace: [
    [3, "BASE", [1, 2], true, true],
    [true, true, "Images"],
  ],
  sameNameStatic: ["sounds", true],
  sameName: ["sounds", 21],
  subclassStatic: [100, 3, 5, true],
  subclassWhere: [true, false, "Sub"],
  subclass: ["sub", [5, "BASE", [1, 2], true, false]],
  subclassNested: [
    ["sub", [6, "BASE", [1, 2], true, false]],
    [true, true, "Images"],
  ],
  notExportedStatic: [true, true],
  notExported: [8, true],
  neverFound: [2, 3, 4],
  functionFields: [6, 9, true, true],
  entryStatic: [10, "Local", 4],
  entry: [4, true, 8],
  entryInherited: [4, 6, [2, true, 4]],
  entryInheritedStatic: [10, "LocalSub", 4],
  entryOuter: ["sounds", 18],
  private: ["private-field", "this"],
  privateUnused: ["private-field", "this"],
  privateMethod: ["private-field", "this"],
  // Lowered, it is a WeakMap that its methods use, or a variable, which can be read.
  privateStatic: expect.toBeOneOf([["private-field", "this"], ["live-object", "this → _rows"], 5]) as unknown,
  weakMap: ["live-object", "this.weak"],
  promiseInField: ["live-object", "this.deep.list[0]"],
  arrowInField: ["this", "this.me"],
  keptElsewhere: ["private-field", "this"],
  ofLanguage: ["live-object", "this"],
  throws: ["RangeError", "E_NO"],
  options: ["TimeoutError", "ERR_OFFLOOP_TASK_TIMEOUT"],
  before: "BASE",
};

/** Whatever else is in the file of their class. */
const inAnyFile = new Set(
  (
    "sameName sameNameStatic notExported notExportedStatic neverFound functionFields entry entryStatic entryInherited " +
    "entryInheritedStatic entryOuter weakMap promiseInField arrowInField throws options before"
  ).split(" "),
);

function decorated(type: "module" | "commonjs"): string {
  const folder = project({ "package.json": JSON.stringify({ type }) });
  copyFixtures(["decorators/work.ts", "decorators/main.ts"], folder);
  return folder;
}

const tsc = path.join(root, "node_modules/typescript/bin/tsc");

function compile(folder: string, main: string, options: readonly string[]): void {
  link(path.join(root, "node_modules/@types"), path.join(folder, "node_modules/@types"));
  const flags = ["--module", "nodenext", "--types", "node", "--skipLibCheck", "--outDir", "dist", main];
  execFileSync(process.execPath, [tsc, "--ignoreConfig", ...flags, ...options], { cwd: folder });
}

/** A class that goes by value loses what it assigns to its module's variables, and says so. */
function withoutLostChanges(values: readonly unknown[]): unknown[] {
  const warnings = values.filter((value) => Object.hasOwn(value as object, "warning"));
  for (const { warning } of warnings as { warning: string }[]) {
    expect(warning).toMatch(/assigns to the captured variable \S+: the change stays in the worker/);
  }
  return values.filter((value) => !warnings.includes(value));
}

describe("decorated methods run in workers as they would here, or are refused", () => {
  test.each([
    ["tsc, TC39", "module", ["--target", "es2022"]],
    ["tsc, TC39, lowered #private", "module", ["--target", "es2021"]],
    ["tsc, TC39, CommonJS", "commonjs", ["--target", "es2022"]],
    ["tsc, legacy", "module", ["--target", "es2022", "--experimentalDecorators"]],
    ["tsc, legacy, CommonJS", "commonjs", ["--target", "es2020", "--experimentalDecorators"]],
  ] as const)("%s", async (_title, type, options) => {
    const folder = decorated(type);
    compile(folder, "main.ts", options);
    const { values, stderr, stdout } = await node(["dist/main.js"], { cwd: folder });
    expect(values, stderr + stdout).toEqual([expected, expected]);
  });

  test.each([
    ["TC39", {}],
    ["legacy", { experimentalDecorators: true }],
  ])("esbuild, one minified file, %s", async (_title, compilerOptions) => {
    const folder = decorated("module");
    await build({
      entryPoints: [path.join(folder, "main.ts")],
      outfile: path.join(folder, "dist/main.js"),
      bundle: true,
      minify: true,
      keepNames: true,
      sourcemap: "inline",
      platform: "node",
      format: "esm",
      target: "node20",
      packages: "external",
      tsconfigRaw: { compilerOptions },
    });
    const { values, stderr, stdout } = await node(["dist/main.js"], { cwd: folder });
    // All of it is the entry file now.
    const outcomes = withoutLostChanges(values);
    // What shares such a variable cannot.
    const refused = [expect.toBeOneOf(["shared-let", "live-object", "private-field"]), expect.any(String)];
    const each = Object.entries(expected).map(([name, value]): [string, unknown] =>
      inAnyFile.has(name) ? [name, value] : [name, expect.toBeOneOf([value, refused])],
    );
    const asExpected = Object.fromEntries(each) as unknown;
    expect(outcomes, stderr + stdout).toEqual([asExpected, asExpected]);
  });

  test.each([
    ["TC39", "2023-11", []],
    ["legacy", "legacy", ["@babel/plugin-transform-class-static-block"]],
  ])("Babel, %s", async (_title, version, plugins) => {
    const folder = decorated("module");
    for (const name of ["work", "main"]) {
      const result = transformSync(readFileSync(path.join(folder, `${name}.ts`), "utf8"), {
        filename: path.join(folder, `${name}.ts`),
        cwd: root,
        configFile: false,
        sourceMaps: "inline",
        presets: ["@babel/preset-typescript"],
        plugins: [["@babel/plugin-proposal-decorators", { version }], ...plugins],
      });
      writeFileSync(path.join(folder, `${name}.js`), result!.code!);
    }
    const { values, stderr, stdout } = await node(["main.js"], { cwd: folder });
    expect(withoutLostChanges(values), stderr + stdout).toEqual([expected, expected]);
  });

  test.each([
    ["tsx (esbuild), TC39", "module", undefined],
    ["tsx (esbuild), TC39, CommonJS", "commonjs", undefined],
    ["tsx (esbuild), legacy", "module", { experimentalDecorators: true }],
  ] as const)("%s", async (_title, type, compilerOptions) => {
    const folder = decorated(type);
    const config = JSON.stringify({ compilerOptions: compilerOptions ?? {} });
    writeFileSync(path.join(folder, "tsconfig.json"), config);
    const { values, stderr, stdout } = await node(["--import", "tsx", "main.ts"], { cwd: folder });
    expect(values, stderr + stdout).toEqual([expected, expected]);
  });
});

test("other decorators around it, inside of it and on the class", async () => {
  const folder = project({ "package.json": JSON.stringify({ type: "module" }) });
  copyFixtures(["decorators/stacked.ts", "decorators/stacks.ts"], folder);
  compile(folder, "stacked.ts", ["--target", "es2022"]);
  const compiled = await node(["dist/stacked.js"], { cwd: folder });
  const loaded = await node(["--import", "tsx", "stacked.ts"], { cwd: folder });
  for (const { values, stderr, stdout } of [compiled, loaded]) {
    expect(values, stderr + stdout).toEqual([
      [
        [true, [false, 11, true]],
        [false, [false, 11, true]],
        [true, [false, 1, true]],
        [false, [false, 1, true]],
      ],
    ]);
  }
});
