/**
 * What captured functions import, by identity. Within one call a class or a marker is the worker's own wherever it is met, or a copy
 * wherever it is met: `instanceof` and `===` tell the two apart.
 */
import type { CaptureNode } from "./capture-nodes.ts";

type ImportNode = Extract<CaptureNode, { type: "import" }>;

export class ImportedValues {
  readonly #nodes = new Map<object, ImportNode>();
  readonly #copied = new Set<object>();

  add(value: unknown, node: ImportNode): void {
    if (isIdentical(value)) this.#nodes.set(value, node);
  }

  nodeOf(value: object): ImportNode | undefined {
    return this.#nodes.get(value);
  }

  copied(value: object): void {
    this.#copied.add(value);
  }

  /** Something was copied before it was known to be imported, too: what was captured is of no use. */
  get isTorn(): boolean {
    return [...this.#nodes.keys()].some((value) => this.#copied.has(value));
  }

  /** For another look at the same function. */
  again(): ImportedValues {
    const values = new ImportedValues();
    for (const [value, node] of this.#nodes) values.add(value, node);
    return values;
  }
}

function isIdentical(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
