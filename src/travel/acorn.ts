/**
 * The parser, loaded with the first function that needs it: a program whose functions all travel by reference never pays its
 * 15 ms. Synchronously, because a function is resolved inside `submit`.
 */
import type * as acornModule from "acorn";
import { createRequire } from "node:module";

type Acorn = typeof acornModule;

let acorn: Acorn | undefined;

export function loadAcorn(): Acorn {
  return (acorn ??= createRequire(import.meta.url)("acorn") as Acorn);
}
