/**
 * For functions of this package that workers run: found by the place where they are registered, as those of users are that
 * `threaded` wraps, without being exported.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { topLevelCallSite } from "./call-site.ts";
import { register } from "./registry.ts";

/** To be called at the top level of a module. */
export function registerHere<F extends AnyFunction>(fn: F): F {
  const site = topLevelCallSite(registerHere);
  if (site !== undefined) register(fn, site);
  return fn;
}
