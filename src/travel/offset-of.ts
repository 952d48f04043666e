/**
 * Positions in a text as V8 counts them: a line ends where JavaScript says so, also at a lone `\r` and at U+2028.
 */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;

/** Where each line begins. */
export function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(LINE_END), ({ index, 0: end }) => index + end.length)];
}

/** Where a line and a column, from 1, are in a text. */
export function offsetOf(text: string, line: number, column: number): number {
  return (lineStarts(text)[line - 1] ?? 0) + column - 1;
}
