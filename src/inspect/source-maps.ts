/**
 * From a place in compiled code to the place that somebody wrote, without a flag: by the map that the file names in its last
 * lines, or by one that Node knows of. Not for the main thread: parsing a large map would block its loop.
 */
import { readFileSync, statSync } from "node:fs";
import { findSourceMap, SourceMap, type SourceMapPayload } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { StackFrame } from "../core/errors.ts";
import { HEADERS, type RawFrame } from "./frames.ts";

interface Mapped {
  readonly map: SourceMap;
  /** What its sources are relative to. */
  readonly folder: string;
}

/** Larger files are left as they are. Arbitrary; parsing takes about a second for 50 MB. */
const MOST_BYTES = 50e6;

export class SourceMaps {
  readonly #maps = new Map<string, Mapped | undefined>();
  readonly #places = new Map<string, StackFrame>();

  has(file: string): boolean {
    return this.#maps.has(file);
  }

  /** A map that Node made or read. */
  add(file: string, payload: unknown): void {
    this.#maps.set(file, open(payload, path.dirname(file)));
  }

  locate(raw: RawFrame): StackFrame {
    const [name, file, line, column] = raw;
    const key = `${name}\n${file}:${line}:${column}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#original(raw) ?? { function: name, file, line, column };
      this.#places.set(key, place);
    }
    return place;
  }

  #original([name, file, line, column, enclosingLine, enclosingColumn]: RawFrame): StackFrame | undefined {
    const mapped = this.#mapOf(file);
    if (mapped === undefined) return undefined;
    try {
      // Nobody promises that a map is well made.
      const entry = mapped.map.findEntry(line - 1, column - 1) as Entry;
      if (typeof entry.originalSource !== "string") return undefined;
      return {
        function: originalName(mapped.map, enclosingLine - 1, enclosingColumn - 1) ?? name,
        file: sourceFile(entry.originalSource, mapped.folder),
        line: entry.originalLine + 1,
        column: entry.originalColumn + 1,
      };
    } catch {
      return undefined;
    }
  }

  #mapOf(file: string): Mapped | undefined {
    if (!path.isAbsolute(file)) return undefined;
    if (!this.#maps.has(file)) this.#maps.set(file, read(file));
    return this.#maps.get(file);
  }
}

interface Entry {
  readonly generatedLine: number;
  readonly generatedColumn: number;
  readonly originalSource: unknown;
  readonly originalLine: number;
  readonly originalColumn: number;
  readonly name?: string;
}

/** A minifier's map has the written name where the short one stands in the code. */
function originalName(map: SourceMap, line: number, begin: number): string | undefined {
  for (const { length } of HEADERS) {
    const entry = map.findEntry(line, begin + length) as Entry;
    const isHere = entry.generatedLine === line && entry.generatedColumn === begin + length;
    if (isHere && entry.name !== undefined && entry.name !== "") return entry.name;
  }
  return undefined;
}

function sourceFile(source: string, folder: string): string {
  if (source.startsWith("file:")) return fileURLToPath(source);
  return /^[\w-]+:\/\//.test(source) || path.isAbsolute(source) ? source : path.resolve(folder, source);
}

function open(payload: unknown, folder: string): Mapped | undefined {
  try {
    return { map: new SourceMap(payload as SourceMapPayload), folder };
  } catch {
    return undefined;
  }
}

/** A map that Node knows of, in the thread that loaded the file: a loader made it (tsx), or `--enable-source-maps` read it. */
export function nodeMap(file: string): unknown {
  try {
    return findSourceMap(file)?.payload;
  } catch {
    return undefined;
  }
}

function read(file: string): Mapped | undefined {
  try {
    if (statSync(file).size > MOST_BYTES) return undefined;
    const text = readFileSync(file, "utf8");
    // The last one counts: a bundle may hold others in its texts.
    const url = [...text.matchAll(/^[ \t]*\/\/[#@][ \t]*sourceMappingURL=(\S+)[ \t]*$/gm)].at(-1)?.[1];
    if (url === undefined) return undefined;
    const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(url);
    if (inline !== null) {
      const [, base64, data = ""] = inline;
      const json = base64 === undefined ? decodeURIComponent(data) : Buffer.from(data, "base64").toString();
      return open(JSON.parse(json), path.dirname(file));
    }
    const mapFile = url.startsWith("file:")
      ? fileURLToPath(url)
      : path.resolve(path.dirname(file), decodeURIComponent(url));
    if (statSync(mapFile).size > MOST_BYTES) return undefined;
    return open(JSON.parse(readFileSync(mapFile, "utf8")), path.dirname(mapFile));
  } catch {
    return undefined;
  }
}
