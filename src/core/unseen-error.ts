/**
 * An error that came after its promise was settled otherwise: nobody is left to catch it, and a bug must not hide there.
 */
import { inspect } from "node:util";
import { isAbort } from "./is-abort.ts";
import { warn } from "./warn.ts";

/** Warns, unless the error only says that the work was ended through `signal`. */
export function reportUnseen(error: unknown, where: string, signal?: AbortSignal): void {
  if (!isAbort(error, signal)) warn("UNSEEN_ERROR", `${where}, and nobody sees its error: ${inspect(error)}`);
}
