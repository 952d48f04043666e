/**
 * What was asked for on the command line. Options stand before the script; everything after it is the script's.
 */
export interface WatchCommand {
  readonly kind: "watch";
  readonly thresholdMs: number;
  readonly format: "json" | "text";
  /** A file to write to. Undefined: stderr. */
  readonly out: string | undefined;
  /** A file for the page. */
  readonly report: string | undefined;
  readonly script: string;
  readonly args: readonly string[];
}

export type Command =
  WatchCommand | { readonly kind: "help" } | { readonly kind: "wrong"; readonly problem: string };

export const USAGE = `Usage: offloop watch [options] script [args…]

Runs the script with Node and tells what blocks its event loop: each stall when it is
over, long ones while they last, and a summary at the end.

  --threshold ms   a turn of the loop that takes that long is a stall (100)
  --json           one JSON object a line: stalls, "blocked", and last the summary
  --out file       write there instead of stderr
  --report file    and a page to look at (HTML): lag over time, stalls as flame charts
  --help           print this

Exit code: the script's; 9 for wrong usage; 1 when there is no such script.
Options for Node itself go into NODE_OPTIONS.`;

export function parseArguments(argv: readonly string[]): Command {
  const [command, ...rest] = argv;
  if (command === undefined || command === "--help" || command === "-h" || command === "help") {
    return command === undefined ? wrong("no command; try: offloop watch script") : { kind: "help" };
  }
  if (command !== "watch") return wrong(`unknown command ${JSON.stringify(command)}; there is: watch`);
  return parseWatch(rest);
}

function parseWatch(rest: readonly string[]): Command {
  let thresholdMs = 100;
  let format: WatchCommand["format"] = "text";
  let out: string | undefined;
  let report: string | undefined;
  for (let index = 0; index < rest.length; index++) {
    const arg = rest[index]!;
    const options = { thresholdMs, format, out, report };
    if (!arg.startsWith("-") || arg === "-") return script(options, rest.slice(index));
    if (arg === "--") return script(options, rest.slice(index + 1));
    const [name = "", inline] = arg.split(/=(.*)/s, 2);
    if (name === "--help" || name === "-h") return { kind: "help" };
    if (name === "--json") {
      if (inline !== undefined) return wrong("--json takes no value");
      format = "json";
      continue;
    }
    if (!["--threshold", "--out", "--report"].includes(name)) return wrong(`unknown option ${name}`);
    const value = inline ?? rest[++index];
    if (value === undefined || value === "") return wrong(`${name} needs a value`);
    if (name === "--out") {
      out = value;
      continue;
    }
    if (name === "--report") {
      report = value;
      continue;
    }
    thresholdMs = Number(value);
    if (!(thresholdMs >= 5 && thresholdMs <= 3_600_000)) {
      return wrong(
        `--threshold must be a number of milliseconds from 5 to 3600000, got ${JSON.stringify(value)}`,
      );
    }
  }
  return wrong("no script");
}

function script(
  options: Pick<WatchCommand, "thresholdMs" | "format" | "out" | "report">,
  [file, ...args]: readonly string[],
): Command {
  const { out, report } = options;
  if (report !== undefined && report === out) return wrong("--out and --report need a file each");
  return file === undefined ? wrong("no script") : { kind: "watch", ...options, script: file, args };
}

function wrong(problem: string): Command {
  return { kind: "wrong", problem };
}
