/**
 * Colours, where somebody looks: on a terminal, unless NO_COLOR is set (no-color.org).
 */
export interface Colors {
  strong(text: string): string;
  alarm(text: string): string;
  faint(text: string): string;
}

export function colorsFor(isTerminal: boolean, env: NodeJS.ProcessEnv): Colors {
  const isOn = isTerminal && (env["NO_COLOR"] ?? "") === "";
  const paint = (on: number, off: number) => (text: string) =>
    isOn ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  return { strong: paint(1, 22), alarm: paint(31, 39), faint: paint(2, 22) };
}
