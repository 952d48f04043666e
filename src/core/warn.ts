/**
 * Warnings, on Node's channel for them: printed on stderr, and `process.on("warning")` sees them.
 */
const TYPE = "OffloopWarning";

export function warn(code: string, text: string): void {
  process.emitWarning(text, { type: TYPE, code: `OFFLOOP_WARN_${code}` });
}

/** The same as the process ends, when there is no next tick for `emitWarning`. */
export function warnNow(code: string, text: string): void {
  const warning = Object.assign(new Error(text), { name: TYPE, code: `OFFLOOP_WARN_${code}` });
  // Where it is made says nothing.
  delete warning.stack;
  process.emit("warning", warning);
}
