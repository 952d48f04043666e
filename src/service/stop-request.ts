/**
 * Signals of the operating system, for as long as an entrypoint runs. The first one asks the program to end, the second one ends it.
 */

// As a shell reports a program that Ctrl-C has ended: 128 + SIGINT.
const SECOND_SIGNAL_EXIT_CODE = 130;

/** Returns what gives the signals back. */
export function onStopRequest(
  signals: readonly NodeJS.Signals[],
  request: (signal: NodeJS.Signals) => void,
): () => void {
  let requested = false;
  const listener = (signal: NodeJS.Signals): void => {
    if (requested) process.exit(SECOND_SIGNAL_EXIT_CODE);
    requested = true;
    request(signal);
  };
  // One that is named twice would be its own second signal.
  const wanted = new Set(signals);
  for (const signal of wanted) process.on(signal, listener);
  return () => {
    for (const signal of wanted) process.off(signal, listener);
  };
}
