/**
 * A stack as it crosses to the watchdog, and whose code a frame is.
 */

/**
 * `[function, file, line, column, line where the function begins, column there, is async]`. No file: a builtin of the language.
 * An async frame is not on the stack: it awaits the one above.
 */
export type RawFrame = readonly [
  functionName: string,
  file: string,
  line: number,
  column: number,
  enclosingLine: number,
  enclosingColumn: number,
  isAsync: boolean,
];

export type Owner = "user" | "dependency" | "node" | "builtin" | "offloop";

export const ANONYMOUS = "(anonymous)";

/** A wrapper of `syncCalls` has the name of the function of Node that it stands for; nothing else here is called like that. */
export function ownerOf([name, file]: RawFrame, offloopRoot: string): Owner {
  if (file === "") return "builtin";
  if (file.startsWith("node:")) return "node";
  if (file.startsWith(offloopRoot)) return name.endsWith("Sync") ? "node" : "offloop";
  return /[\\/]node_modules[\\/]/.test(file) ? "dependency" : "user";
}

/**
 * Whether the function has only just been entered. A native call lets a sample in after it returned, and that happens where
 * the next function begins, so this one had no part in it. V8 gives such a frame the place of the parameter list.
 */
export function isJustEntered([name, , line, column, enclosingLine, enclosingColumn]: RawFrame): boolean {
  if (line !== enclosingLine) return false;
  const length = name === ANONYMOUS ? 0 : name.length;
  const offset = column - enclosingColumn;
  return offset === 0 || HEADERS.some((header) => offset === header.length + length);
}

/** What stands before the name of a function. */
export const HEADERS: readonly string[] = [
  "",
  "function ",
  "function* ",
  "async ",
  "async function ",
  "async function* ",
  "async *",
  "*",
  "get ",
  "set ",
];
