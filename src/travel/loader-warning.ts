/**
 * Node warns once, when it happens, that loading modules from compiled functions is experimental. That is ours to know, not the
 * user's, who wrote a plain `import(…)`. So that one warning is swallowed. Until it comes, `process.emitWarning` is ours; for good, if
 * somebody wraps it meanwhile.
 */
let swallowed = false;

export function swallowLoaderWarning(): void {
  if (swallowed) return;
  swallowed = true;
  const { emitWarning } = process;
  const filter = (warning: string | Error, ...rest: unknown[]): void => {
    if (String(warning).includes("USE_MAIN_CONTEXT_DEFAULT_LOADER")) {
      if (process.emitWarning === filter) process.emitWarning = emitWarning;
    } else {
      (emitWarning as (...given: unknown[]) => void).call(process, warning, ...rest);
    }
  };
  process.emitWarning = filter;
}
