/**
 * Files as they were written. Where main and worker load a module through different transforms, neither texts nor positions
 * agree; what stands in the file tells whether they can mean the same function.
 */
import { readFileSync } from "node:fs";

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
 * for a function of that name. Of `threaded(a ? b : c)` the two sides may have chosen differently.
 */
export function callNames(
  source: string,
  position: string,
  { name, text }: { readonly name: string; readonly text: string },
): boolean {
  const [line = 0, column = 0] = position.split(":").map(Number);
  const rest = source
    .split("\n")
    .slice(line - 1)
    .join("\n")
    .slice(column - 1);
  const call = /^[\w$]+\s*(?:<[^()]*>\s*)?\(\s*/.exec(rest);
  if (call === null) return false;
  const argument = rest.slice(call[0].length);
  const [, identifier] = /^([\w$]+)\s*[,)]/.exec(argument) ?? [];
  return identifier === undefined ? isWrittenAs(argument, text) : identifier === name;
}

/** Node strips types by writing spaces over them. */
function isWrittenAs(written: string, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const is = text.charCodeAt(at);
    if (is !== 32 && is !== written.charCodeAt(at)) return false;
  }
  return true;
}
