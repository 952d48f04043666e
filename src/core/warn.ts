/**
 * Warnings, on Node's channel for them: printed on stderr, and `process.on("warning")` sees them.
 */
export function warn(code: string, text: string): void {
  process.emitWarning(text, { type: "OffloopWarning", code: `OFFLOOP_WARN_${code}` });
}
