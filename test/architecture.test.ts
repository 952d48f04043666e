import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

const outside = ["tasks", "jobs", "service", "http", "cli"];
const inside = ["core", "wire", "inspect", "travel", "dispatch", "flow", "pools", "loop", "actors"];

/** The layer table of docs/design.md: which folders, besides itself, a folder may import. `face` is src/*.ts. */
const mayImport: Record<string, readonly string[]> = {
  core: [],
  wire: ["core"],
  inspect: ["core"],
  travel: ["core", "wire", "inspect"],
  dispatch: ["core", "wire"],
  flow: ["core", "wire", "travel"],
  pools: ["core", "wire", "inspect", "dispatch", "flow", "travel"],
  loop: ["core", "wire", "inspect"],
  actors: ["core", "wire", "travel", "pools"],
  face: inside,
  workers: ["core", "wire", "inspect", "travel", "loop"],
  testing: ["core"],
  ...Object.fromEntries(outside.map((folder) => [folder, ["core", "face"]])),
  cli: ["core", "inspect", "loop"], // the whole library would take longer to load than most programs
};

const maxLines = 250;
const defaultExportAllowed = ["workers/thread.ts"]; // piscina calls the default export of its worker file
const notInCore = ["node:worker_threads", "node:child_process", "node:cluster", "piscina"];

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** The file it names, or undefined for a package or a Node module. */
  readonly to: string | undefined;
}

const root = join(import.meta.dirname, "..");
const sources = new Map(["src", "workers"].flatMap(sourceFiles).map((path) => [path, read(path)]));
const imports = [...sources].flatMap(([path, text]) => importsOf(path, text));

describe("architecture", () => {
  test("there are sources to check", () => {
    expect([...sources.keys()]).toContain("src/index.ts");
    expect(imports.length).toBeGreaterThan(0);
  });

  test("every folder has a row in the layer table", () => {
    expect([...sources.keys()].filter((path) => !(layerOf(path) in mayImport))).toEqual([]);
  });

  test("a layer imports only what its row allows", () => {
    const forbidden = imports.filter(({ from, to }) => {
      if (to === undefined) return false;
      const layer = layerOf(from);
      return layerOf(to) !== layer && !mayImport[layer]?.includes(layerOf(to));
    });
    expect(forbidden.map(describeImport)).toEqual([]);
  });

  test("an import names a source file, a Node module or a dependency", () => {
    const packages = { ...manifest.dependencies, ...manifest.peerDependencies };
    const known = ({ specifier, to }: Import): boolean =>
      to === undefined ? specifier.startsWith("node:") || specifier in packages : sources.has(to);
    expect(imports.filter((one) => !known(one)).map(describeImport)).toEqual([]);
  });

  test("no import cycles", () => {
    expect(findCycle()).toEqual([]);
  });

  test("one file knows piscina, and it is a pool", () => {
    const files = imports.filter(({ specifier }) => specifier === "piscina").map(({ from }) => from);
    expect([...new Set(files)].map(layerOf)).toEqual(["pools"]);
  });

  test("core knows neither threads nor processes", () => {
    const found = imports.filter(
      ({ from, specifier }) => layerOf(from) === "core" && notInCore.includes(specifier),
    );
    expect(found.map(describeImport)).toEqual([]);
  });

  test(`no file is longer than ${maxLines} lines`, () => {
    const lengths = [...sources].map(([path, text]) => ({ path, lines: text.split("\n").length - 1 }));
    expect(lengths.filter(({ lines }) => lines > maxLines)).toEqual([]);
  });

  test("no default exports", () => {
    const found = [...sources].filter(([, text]) => /^export default |\bas default\b/m.test(text));
    expect(found.map(([path]) => path).filter((path) => !defaultExportAllowed.includes(path))).toEqual([]);
  });
});

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name).replaceAll(sep, "/"));
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function layerOf(path: string): string {
  const [top = "", folder = "", ...rest] = path.split("/");
  if (top !== "src") return top;
  return rest.length === 0 ? "face" : folder;
}

/** Relies on the formatter: statements start their line, and comment lines start with `*` or `//`. */
function importsOf(from: string, text: string): Import[] {
  const statement =
    /^(?:import|export)\s+(?:type\s+)?(?:(?:\w+,\s*)?\{[^}]*\}|(?:\w+,\s*)?\*(?:\s+as\s+\w+)?|\w+)\s+from\s+"([^"]+)"/gm;
  const bare = /^import\s+"([^"]+)"/gm;
  const inline = /^(?!\s*(?:\*|\/[/*])).*?\b(?:import|require)\("([^"]+)"\)/gm;
  return [statement, bare, inline]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map(([, specifier = ""]) => ({ from, specifier, to: target(from, specifier) }));
}

function target(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return relative(root, join(root, dirname(from), specifier)).replaceAll(sep, "/");
}

function describeImport({ from, specifier }: Import): string {
  return `${from} imports ${specifier}`;
}

/** The first cycle met, as a path that ends where it began. */
function findCycle(): string[] {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const { from, to } of imports) {
      if (from !== path || to === undefined) continue;
      const cycle = visit(to, [...trail, path]);
      if (cycle.length > 0) return cycle;
    }
    done.add(path);
    return [];
  };
  for (const path of sources.keys()) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
