/**
 * What an end that was asked for looks like.
 */

/** True for the error of work that ended because it was asked to. */
export function isAbort(error: unknown, signal?: AbortSignal): boolean {
  if (signal?.aborted === true && error === signal.reason) return true;
  return (error as { name?: unknown } | null | undefined)?.name === "AbortError";
}
