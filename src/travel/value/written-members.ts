/**
 * What evaluating the text of a class makes: the rest was put on the class later.
 */
import type { AnyFunction } from "../../core/function-handle.ts";

export type Key = string | symbol;

export interface Written {
  readonly own: ReadonlySet<Key>;
  readonly prototype: ReadonlySet<Key>;
  /** Methods that a decorator put another one in the place of. */
  readonly replaced: readonly Replaced[];
}

export interface Replaced {
  readonly fn: AnyFunction;
  readonly key: Key;
  readonly isStatic: boolean;
}
