/**
 * Files as they were written. Where main and worker load a module through different transforms, neither texts nor positions
 * agree; what stands in the file tells whether they can mean the same function.
 */
import { readFileSync } from "node:fs";
import { offsetOf } from "./offset-of.ts";

/** Empty when the file cannot be read. */
export function writtenSource(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/**
 * Whether the call at `line:column` is given this function in so many words: `threaded(function …)`, or `threaded(render)`
 * where the file declares `function render` once. Of `threaded(a ? b : c)` the two sides may have chosen differently.
 */
export function callNames(
  source: string,
  position: string,
  { name, text }: { readonly name: string; readonly text: string },
): boolean {
  const rest = source.slice(offsetAt(source, position));
  const call = /^[\w$]+\s*(?:<[^()]*>\s*)?\(\s*/.exec(rest);
  if (call === null) return false;
  const argument = rest.slice(call[0].length);
  const [, identifier] = /^([\w$]+)\s*[,)]/.exec(argument) ?? [];
  if (identifier === undefined) return isWrittenAs(argument, text);
  return identifier === name && isDeclaredOnce(source, name);
}

/** A call stands where the name of what is called begins, or, seen through some source maps, where that ends. */
export function isSameCall(source: string, one: string, other: string): boolean {
  const [from = 0, to = 0] = [one, other].map((position) => offsetAt(source, position)).sort((a, b) => a - b);
  return /^[\w$]*$/.test(source.slice(from, to));
}

function offsetAt(source: string, position: string): number {
  const [line = 0, column = 0] = position.split(":").map(Number);
  return offsetOf(source, line, column);
}

function isDeclaredOnce(source: string, name: string): boolean {
  const escaped = name.replaceAll("$", String.raw`\$`);
  const declarations = source.match(new RegExp(String.raw`\bfunction\s+${escaped}(?![\w$])`, "g")) ?? [];
  return declarations.length === 1 && !new RegExp(String.raw`(?<![\w$.])${escaped}\s*=[^=>]`).test(source);
}

/** Node strips types by writing spaces over them. */
function isWrittenAs(written: string, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const is = text.charCodeAt(at);
    if (is !== 32 && is !== written.charCodeAt(at)) return false;
  }
  return true;
}
