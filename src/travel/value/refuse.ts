/**
 * The end of a capture: what cannot travel, and why.
 */
import { TravelError, type TravelErrorKind } from "../../core/errors.ts";

export function refuse(kind: TravelErrorKind, path: string, why: string): never {
  throw new TravelError(kind, path, why);
}
