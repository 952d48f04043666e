/**
 * The whole script that a function stands in.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { scriptSource } from "../../inspect/scripts.ts";
import { isFileUrl } from "../call-site.ts";
import { offsetOf } from "../offset-of.ts";

/** A function and where it stands. */
export interface Place {
  readonly scriptId: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** What V8 runs: the file, unless something transformed it. */
export function scriptText(place: Place): string | undefined {
  return fileText(place) ?? scriptSource(place.scriptId);
}

/** The file, whose types may only have been blanked out, and what V8 runs of it. */
export function* scriptTexts(place: Place): Generator<string> {
  const text = fileText(place);
  if (text !== undefined) yield text;
  const source = scriptSource(place.scriptId);
  if (source !== undefined) yield source;
}

function fileText({ url, line, column, text }: Place): string | undefined {
  try {
    const file = isFileUrl(url) ? readFileSync(fileURLToPath(url), "utf8") : "";
    const at = offsetOf(file, line, column);
    const start = file.lastIndexOf(text, at);
    if (start !== -1 && at < start + text.length) return file;
  } catch {
    // It was deleted.
  }
  return undefined;
}
