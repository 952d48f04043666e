/**
 * This package as it is installed: its workers, and the packages that it loads late. A bundler copies this code into the
 * program's, but none of those files; the installed ones are then taken, of the same version.
 */
import Module from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** What was built; not there when the sources run as they are. See scripts/build.js. */
declare const OFFLOOP_VERSION: string | undefined;
const VERSION = typeof OFFLOOP_VERSION === "undefined" ? undefined : OFFLOOP_VERSION;

export interface InstalledPackage {
  readonly folder: string;
  /** Finds what the package depends on. */
  readonly require: NodeJS.Require;
}

/** The program is bundled, and the package is not installed beside the bundle. */
export class NotInstalled extends Error {}

let installed: InstalledPackage | undefined;

/** @throws {@link NotInstalled}, with what to do about it. */
export function installedPackage(): InstalledPackage {
  return (installed ??= find());
}

/** Node's `createRequire`, under a name by which webpack does not know it: it would bundle what is asked for. */
export function requireFrom(place: string | URL): NodeJS.Require {
  return Module.createRequire(place);
}

/** For what does not depend on where it is asked: Node's module cache, absolute paths. */
export function anyRequire(): NodeJS.Require {
  return requireFrom(places()[0]!);
}

function find(): InstalledPackage {
  const others = new Set<string>();
  for (const place of places()) {
    const manifest = manifestAbove(place) ?? manifestFrom(place);
    if (manifest === undefined) continue;
    if (VERSION === undefined || manifest.version === VERSION) {
      return { folder: path.dirname(manifest.file), require: requireFrom(manifest.file) };
    }
    others.add(manifest.version);
  }
  const why =
    others.size === 0
      ? "offloop is bundled into the program and not installed beside it"
      : `offloop ${VERSION} is bundled into the program, and installed beside it is ${[...others].join(", ")}`;
  throw new NotInstalled(`${why}. ${HOW}`);
}

interface Manifest {
  readonly file: string;
  readonly version: string;
}

/**
 * Of the package that the file belongs to, if that is this one. Node would find it, too, but for one case: with nested
 * grants under the permission model, Node 20 denies that the folder itself may be read, and not what lies in it.
 */
function manifestAbove(place: string): Manifest | undefined {
  const folder = path.dirname(place);
  if (folder === place) return undefined;
  return manifestAt(path.join(folder, "package.json")) ?? manifestAbove(folder);
}

function manifestFrom(place: string): Manifest | undefined {
  try {
    return manifestAt(requireFrom(place).resolve("offloop/package.json"));
  } catch {
    return undefined;
  }
}

function manifestAt(file: string): Manifest | undefined {
  try {
    const { name, version } = requireFrom(file)(file) as { name: unknown; version: string };
    return name === "offloop" ? { file, version } : undefined;
  } catch {
    // Not there, not to be read, or of no package.
    return undefined;
  }
}

const HOW =
  "Its workers are files of their own that no bundler takes along. Leave offloop and piscina out of the bundle " +
  '(esbuild: --external:offloop --external:piscina, or packages: "external"; rollup, rolldown and vite: external: ' +
  '["offloop", "piscina"]; webpack: externals: { offloop: "module offloop" }, or "commonjs offloop"), and install them where it runs.';

/**
 * Where this code may be, the likeliest first. In a bundle `import.meta.url` is the bundle's (rollup, esbuild), what it was
 * when it was bundled (webpack), or not there (esbuild, as CommonJS: but `__filename` is). The working directory is none:
 * what lies there need not be of this program.
 */
function places(): string[] {
  const candidates = [import.meta.url as string | undefined, fileName(), process.argv[1]];
  const known = candidates.flatMap((place) => absolute(place) ?? []);
  return [...known, process.execPath];
}

function fileName(): string | undefined {
  try {
    return __filename;
  } catch {
    // In an ES module. webpack answers `typeof __filename` when it bundles, and wrongly.
    return undefined;
  }
}

function absolute(place: string | undefined): string | undefined {
  if (place === undefined || place === "") return undefined;
  try {
    const file = place.startsWith("file:") ? fileURLToPath(place) : path.resolve(place);
    return fileURLToPath(pathToFileURL(file));
  } catch {
    // A URL of another system, or of no file.
    return undefined;
  }
}
