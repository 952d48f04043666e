/**
 * The command line of the soak.
 */
export interface SoakOptions {
  readonly calls: number;
  readonly seed: number;
  readonly json: boolean;
}

const USAGE = `Usage: npm run soak -- [--calls N] [--seed S] [--json]

Random calls on threads and processes: sizes, priorities, keys, cancels, time limits, throws, exits, kills, full heaps, shutdowns.
Every call must settle once, with an outcome that it may have.

  --calls N   how many, a whole number from 1 on; 20 000 unless given
  --seed S    what decides what is done, a whole number; a new one unless given. A failure comes back with its seed, as far as
              the machine does the same
  --json      prints the last line only
  --help      prints this

The last line is JSON. Exit code 1: something is wrong. 9: wrong usage.`;

const USAGE_ERROR = 9;

export function parseOptions(args: readonly string[]): SoakOptions {
  let calls = 20_000;
  let seed = Math.floor(Math.random() * 2 ** 31);
  let json = false;
  for (let at = 0; at < args.length; at++) {
    const option = args[at]!;
    if (option === "--help" || option === "-h") {
      console.log(USAGE);
      process.exit(0);
    } else if (option === "--json") json = true;
    else if (option === "--calls") calls = whole(option, args[++at], 1);
    else if (option === "--seed") seed = whole(option, args[++at], 0);
    else fail(`unknown option ${option}`);
  }
  return { calls, seed, json };
}

function whole(option: string, given: string | undefined, least: number): number {
  const value = Number(given);
  if (given === undefined || given === "" || !Number.isSafeInteger(value) || value < least) {
    fail(`${option} takes a whole number, at least ${least}, got ${given ?? "nothing"}`);
  }
  return value;
}

function fail(problem: string): never {
  console.error(`soak: ${problem}\n\n${USAGE}`);
  process.exit(USAGE_ERROR);
}
