/**
 * Where in a module a decorator was applied. Between it and the top level stand what compilers put there: a helper function
 * that applies decorators, the static block of the class, a nameless function around that. Anything else is code of the
 * program, which may run more than once, and with other values in a worker.
 */
import { callersOf, type Frame, isTopLevel, moduleOf, positionOf } from "./call-site.ts";

export interface DecorationSite {
  /** URL. */
  readonly module: string;
  /** The positions of the calls in it, innermost first: the same in every thread that loads the module in the same way. */
  readonly position: string;
}

// tsc and tslib, esbuild, Babel, SWC, reflect-metadata.
const HELPERS =
  /^(?:Object\.)?(?:__decorate|__esDecorate|__runInitializers|__decorateElement|__decorateClass|_applyDecoratedDescriptor|_?apply_?[dD]ecs\w*|_ts_decorate|decorate|DecorateProperty)$/;
const NAMELESS = new Set<string | null>([null, "", "<static_initializer>"]);
// Helpers are at most three deep, and so is what stands around a class.
const DEEPEST = 8;

/** Undefined when the class is made inside a function of the program, or nobody can tell. */
export function decorationSite(callee: (...args: never[]) => unknown): DecorationSite | undefined {
  const { frames } = callersOf(callee, DEEPEST);
  const first = frames.findIndex((frame) => !isHelper(frame));
  const positions: string[] = [];
  for (const frame of first === -1 ? [] : frames.slice(first)) {
    const module = moduleOf(frame);
    if (module === undefined || !NAMELESS.has(frame.getFunctionName())) return undefined;
    positions.push(positionOf(frame));
    if (isTopLevel(frame)) return { module, position: positions.join(" ") };
  }
  return undefined;
}

function isHelper(frame: Frame): boolean {
  return HELPERS.test(frame.getFunctionName() ?? "");
}
