/**
 * The whole script that a function stands in.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { scriptSource } from "../../inspect/scripts.ts";
import { isFileUrl } from "../call-site.ts";

/** A function and where it stands. */
export interface Place {
  readonly scriptId: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** What V8 runs: the file, unless something transformed it. */
export function scriptText({ scriptId, url, line, column, text }: Place): string | undefined {
  try {
    const file = isFileUrl(url) ? readFileSync(fileURLToPath(url), "utf8") : "";
    const at = offsetOf(file, line, column);
    const start = file.lastIndexOf(text, at);
    if (start !== -1 && at < start + text.length) return file;
  } catch {
    // It was deleted.
  }
  return scriptSource(scriptId);
}

/** Where a line and a column, from 1, are in a text. */
export function offsetOf(text: string, line: number, column: number): number {
  const breaks = /\r\n|[\n\r\u2028\u2029]/g;
  for (let at = 1; at < line; at++) breaks.exec(text);
  return breaks.lastIndex + column - 1;
}
