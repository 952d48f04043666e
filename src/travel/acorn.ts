/**
 * The parser, loaded with the first function that needs it: a program whose functions all travel by reference never pays its
 * 15 ms. Synchronously, because a function is resolved inside `submit`.
 */
import type * as acornModule from "acorn";
import { installedPackage } from "../core/installed-package.ts";

type Acorn = typeof acornModule;

let acorn: Acorn | undefined;

/** @throws NotInstalled */
export function loadAcorn(): Acorn {
  return (acorn ??= installedPackage().require("acorn") as Acorn);
}
