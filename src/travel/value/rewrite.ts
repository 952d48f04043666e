/**
 * The few places of a captured text that mean something only where they stood, renamed to what is handed in beside the free
 * names.
 */
/** A stretch of the source text. */
export type Span = readonly [start: number, end: number];

/** Stands for the class that a class extends. */
export const BASE_CLASS = "$offloopBase";
/** With a number: stands for a symbol that names a member of a class. */
export const KEY = "$offloopKey";
/** Stands for `import.meta`. */
export const META = "$offloopMeta";

export interface Edit {
  readonly span: Span;
  readonly text: string;
}

export function rewrite(source: string, edits: readonly Edit[]): string {
  // From the end, so that earlier positions stay right.
  const ordered = [...edits].sort((a, b) => b.span[0] - a.span[0]);
  return ordered.reduce(
    (text, { span: [start, end], text: put }) => text.slice(0, start) + put + text.slice(end),
    source,
  );
}
