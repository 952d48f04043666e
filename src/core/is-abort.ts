/**
 * What an end that was asked for looks like.
 */

/** True for the error of work that ended because it was asked to. */
export function isAbort(error: unknown, signal?: AbortSignal): boolean {
  if (signal?.aborted === true && error === signal.reason) return true;
  return (error as { name?: unknown } | null | undefined)?.name === "AbortError";
}

/** The platform's, for an end without a reason of its own. */
export function abortError(): DOMException {
  return new DOMException("This operation was aborted", "AbortError");
}
