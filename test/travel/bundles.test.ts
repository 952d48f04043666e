import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import { describe, expect, onTestFinished, test } from "vitest";
import webpack, { type Configuration } from "webpack";
import { allEnvironments, app, expectSame, mostEnvironments } from "./app.ts";
import { node, root } from "./programs.ts";

/** Gives the file to start. */
type Build = (folder: string, more?: { bundled: boolean }) => Promise<string>;

const withEsbuild =
  (format: "esm" | "cjs", options: esbuild.BuildOptions = {}): Build =>
  async (folder, more) => {
    const ending = format === "esm" ? ".mjs" : ".cjs";
    await esbuild.build({
      absWorkingDir: folder,
      entryPoints: ["main.js"],
      outdir: "out",
      outExtension: { ".js": ending },
      bundle: true,
      platform: "node",
      format,
      logLevel: "error",
      ...(more?.bundled !== true && { external: ["offloop", "piscina"] }),
      ...options,
    });
    return `out/main${ending}`;
  };

const withRollup =
  (format: "es" | "cjs", entry: "separate" | "shared" = "separate"): Build =>
  async (folder, more) => {
    const ending = format === "es" ? "mjs" : "cjs";
    const offloop = path.join(root, "dist/src/index.js");
    const bundle = await rollup({
      input: path.join(folder, "main.js"),
      external: (id) => id.startsWith("node:") || (more?.bundled !== true && id === "offloop"),
      plugins: [{ name: "resolve", resolveId: (id: string) => (id === "offloop" ? offloop : null) }],
      preserveEntrySignatures: entry === "shared" ? "allow-extension" : "exports-only",
    });
    const names = { entryFileNames: `main.${ending}`, chunkFileNames: `[name].${ending}` };
    await bundle.write({ dir: path.join(folder, "out"), format, ...names });
    await bundle.close();
    return `out/main.${ending}`;
  };

const withWebpack =
  (format: "module" | "commonjs", mode: "production" | "development"): Build =>
  async (folder, more) => {
    const filename = format === "module" ? "main.mjs" : "main.cjs";
    const options: Configuration = {
      context: folder,
      mode,
      target: "node20",
      entry: { main: "./main.js" },
      ...(more?.bundled !== true && { externals: { offloop: `${format} offloop` } }),
      output: { path: path.join(folder, "out"), filename, module: format === "module" },
      experiments: { outputModule: format === "module" },
    };
    const problems = await new Promise<unknown>((resolve, reject) => {
      webpack(options, (error, stats) =>
        error === null ? resolve(stats?.toJson({ all: false, errors: true, warnings: true })) : reject(error),
      );
    });
    expect(problems).toMatchObject({ errors: [], warnings: [] });
    return `out/${filename}`;
  };

/** What webpack makes of `import()` needs the module table of its bundle, which belongs to one thread. */
const noImport = {
  "async, with import()": expect.stringMatching(/^TravelError: .*(?:__webpack_|exports)/) as unknown,
};

describe("offloop left out of the bundle", () => {
  test.each<[string, Build, object?]>([
    ["esbuild, minified", withEsbuild("esm", { minify: true })],
    ...(mostEnvironments
      ? ([
          ["rollup, CommonJS", withRollup("cjs")],
          ["webpack, for production", withWebpack("commonjs", "production"), noImport],
        ] as [string, Build, object?][])
      : []),
    ...(allEnvironments
      ? ([
          ["esbuild", withEsbuild("esm")],
          ["esbuild, minified, with chunks", withEsbuild("esm", { minify: true, splitting: true })],
          ["esbuild, CommonJS", withEsbuild("cjs")],
          ["esbuild, CommonJS, minified", withEsbuild("cjs", { minify: true })],
          ["rollup, with chunks", withRollup("es")],
          ["webpack, for development", withWebpack("commonjs", "development"), noImport],
          ["webpack, ES module, for production", withWebpack("module", "production"), noImport],
          ["webpack, ES module, for development", withWebpack("module", "development"), noImport],
        ] as [string, Build, object?][])
      : []),
  ])("%s", async (_title, build, except) => {
    const folder = app();
    const file = await build(folder);
    expectSame(await node(["--no-warnings", file], { cwd: folder }), except);
  });
});

describe("offloop in the bundle", () => {
  const builds: [string, Build, object?][] = [
    ["esbuild, CommonJS, minified", withEsbuild("cjs", { minify: true })],
    ...(allEnvironments
      ? ([
          ["esbuild", withEsbuild("esm")],
          ["esbuild, CommonJS", withEsbuild("cjs")],
          ["rollup", withRollup("es")],
          ["rollup, CommonJS", withRollup("cjs")],
          ["webpack", withWebpack("commonjs", "production")],
          ["webpack, ES module, for development", withWebpack("module", "development"), noImport],
        ] as [string, Build, object?][])
      : []),
  ];

  test.each(builds)("and installed beside it: %s", async (_title, build, except) => {
    const folder = app();
    const file = await build(folder, { bundled: true });
    expectSame(await node(["--no-warnings", file], { cwd: folder }), except);
  });

  // What webpack replaces `import.meta.url` by is where offloop was when it was bundled, and there it still is.
  test.each(builds.filter(([title]) => !title.startsWith("webpack")))(
    "and nowhere else: %s",
    async (_title, build) => {
      const folder = app();
      const file = await build(folder, { bundled: true });
      const { code, values, stderr } = await node(["--no-warnings", file], { cwd: elsewhere(folder) });
      expect(code, stderr).toBe(0);
      expect(values).toHaveLength(3);
      for (const results of values.slice(1) as Record<string, string>[]) {
        for (const [title, result] of Object.entries(results)) {
          expect(result, title).toMatch(/^BrokenExecutorError: .*--external:offloop --external:piscina/);
        }
      }
    },
  );

  test.runIf(mostEnvironments)("and another version beside it", async () => {
    const folder = app();
    const file = await withEsbuild("cjs")(folder, { bundled: true });
    const there = elsewhere(folder);
    const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as object;
    cpSync(path.join(root, "dist"), path.join(there, "node_modules/offloop/dist"), { recursive: true });
    const other = JSON.stringify({ ...manifest, version: "99.0.0" });
    writeFileSync(path.join(there, "node_modules/offloop/package.json"), other);
    const { values } = await node(["--no-warnings", file], { cwd: there });
    expect((values[1] as Record<string, string>)["wrapped"]).toMatch(/^BrokenExecutorError: .*99\.0\.0/);
  });

  function elsewhere(folder: string): string {
    const alone = realpathSync(mkdtempSync(path.join(tmpdir(), "offloop-alone-")));
    onTestFinished(() => rmSync(alone, { recursive: true, force: true }));
    cpSync(path.join(folder, "out"), path.join(alone, "out"), { recursive: true });
    return alone;
  }
});

describe("no worker runs the program again", () => {
  test("because a chunk imports from the entry", async () => {
    const folder = app();
    const file = await withRollup("es", "shared")(folder);
    expect(readFileSync(path.join(folder, "out/lazy.mjs"), "utf8")).toMatch(/from ["']\.\/main\.mjs["']/);
    expectSame(await node(["--no-warnings", file], { cwd: folder }));
  });

  test.runIf(mostEnvironments)("because a package in the bundle guards its own main part", async () => {
    const folder = app({
      "tool.cjs": 'exports.name = "tool"; if (require.main === module) throw new Error("not this one");',
    });
    const main = path.join(folder, "main.js");
    const source = readFileSync(main, "utf8");
    const text = 'console.error(tool.name, "// if (import.meta.main)");';
    writeFileSync(main, `import tool from "./tool.cjs";\n${text}\n${source}`);
    const file = await withEsbuild("esm")(folder);
    expect(readFileSync(path.join(folder, file), "utf8")).toContain("require.main === module");
    expectSame(await node(["--no-warnings", file], { cwd: folder }));
  });
});
