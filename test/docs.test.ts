/**
 * The examples of README.md, of some pages of docs/ and of docstrings are programs, and so are those in examples/: each `js` block or
 * file runs in a process of its own, ends by itself with exit code 0, and prints what its `// =>` comments say, in that order and
 * nothing else.
 *
 * A block of a page may be named, in the fence (```js hash.mjs) or in its first line (// hash.mjs). All of them are
 * written to one folder before the first one runs, so that they can import each other.
 */
import { type ExecFileException, execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

interface Example {
  /** `file:line` of the block. */
  readonly where: string;
  /** The file that it is written to, in a folder of its own for all of them. */
  readonly path: string;
  readonly code: string;
}

// Below the limit of a test, so that a program that hangs is ended and reported as what it is.
const TIME_LIMIT_MS = 55_000;

const root = join(import.meta.dirname, "..");
const PAGES = [
  "README.md",
  "docs/actors.md",
  "docs/context.md",
  "docs/tasks.md",
  "docs/jobs.md",
  "docs/streams.md",
  "docs/service.md",
  "docs/coming-from-python.md",
  "docs/loop-monitor.md",
  "docs/reliability.md",
];
const FOLDERS = ["examples/asyncio", "examples/context", "examples/pitfalls", "examples/streams"];
const examples = {
  ...Object.fromEntries(PAGES.map((page) => [page, pageExamples(page)])),
  ...Object.fromEntries(FOLDERS.map((name) => [name, exampleFiles(name)])),
  docstrings: docstringExamples("src"),
};
let folder: string;

beforeAll(() => {
  // Inside of the package: its own name leads to dist/ from here.
  folder = mkdtempSync(join(import.meta.dirname, ".tmp-docs-"));
  for (const { path, code } of Object.values(examples).flat()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    // "wx": two blocks of one name would be one program too few.
    writeFileSync(join(folder, path), code, { flag: "wx" });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(Object.entries(examples))("%s", (_name, found) => {
  test("has examples", () => {
    expect(found).not.toEqual([]);
  });

  test.each(found)("$where", async ({ path, code }) => {
    const { stderr, ...ended } = await run(path);
    expect(ended, stderr).toEqual({ exitCode: 0, signal: null, printed: promised(code) });
  });
});

/** The texts after `// =>`. */
function promised(code: string): string[] {
  return [...code.matchAll(/\/\/ => (.*)$/gm)].map(([, text = ""]) => text.trimEnd());
}

interface Ended {
  readonly exitCode: number | string | null | undefined;
  readonly signal: string | null | undefined;
  readonly printed: readonly string[];
  readonly stderr: string;
}

function run(path: string): Promise<Ended> {
  return new Promise((resolve) => {
    const limits = { cwd: folder, timeout: TIME_LIMIT_MS, killSignal: "SIGKILL" } as const;
    execFile(process.execPath, [path], limits, (error: ExecFileException | null, stdout, stderr) => {
      const printed = stdout.split("\n").slice(0, -1);
      const { code, signal } = error ?? { code: 0, signal: null };
      resolve({ exitCode: code, signal, printed, stderr });
    });
  });
}

function pageExamples(file: string): Example[] {
  return blocks(readFileSync(join(root, file), "utf8")).map(({ line, name, code }) => {
    const named = name ?? /^\/\/ (\S+\.m?js)$/m.exec(code.split("\n", 1)[0]!)?.[1];
    return { where: `${file}:${line}`, path: join(basename(file, ".md"), named ?? `line-${line}.mjs`), code };
  });
}

function exampleFiles(name: string): Example[] {
  return readdirSync(join(root, name)).map((file) => {
    const where = join(name, file);
    return { where, path: where, code: readFileSync(join(root, where), "utf8") };
  });
}

function docstringExamples(sources: string): Example[] {
  const files = readdirSync(join(root, sources), { recursive: true, encoding: "utf8" });
  return files
    .filter((name) => name.endsWith(".ts"))
    .toSorted()
    .flatMap((name) => {
      const file = join(sources, name);
      const text = readFileSync(join(root, file), "utf8");
      return [...text.matchAll(/\/\*\*.*?\*\//gs)].flatMap((found) => {
        const firstLine = lineAt(text, found.index);
        return examplesOf(found[0]).map(({ line, code }) => {
          const where = `${file}:${firstLine + line - 1}`;
          return { where, path: `${where.replaceAll(/\W/g, "-")}.mjs`, code };
        });
      });
    });
}

/** The first block after each `@example`, with its line in the docstring. */
function examplesOf(docstring: string): Block[] {
  const text = docstring.replaceAll(/^[ \t]*\* ?/gm, "");
  return [...text.matchAll(/^@example$/gm)].map(({ index }) => {
    const block = blocks(text).find(({ line }) => line > lineAt(text, index));
    if (block === undefined) throw new Error(`An @example without a js block:\n${docstring}`);
    return block;
  });
}

interface Block {
  readonly line: number;
  readonly name: string | undefined;
  readonly code: string;
}

function blocks(markdown: string): Block[] {
  return [...markdown.matchAll(/^```js(?: +(\S+))?\n(.*?)^```$/gms)].map(
    ({ index, 1: name, 2: code = "" }) => ({
      line: lineAt(markdown, index),
      name,
      code,
    }),
  );
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
