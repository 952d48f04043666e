/**
 * What a benchmark reports: medians of rounds, and how they compare with a peer in the same run.
 */
export interface Row {
  readonly case: string;
  readonly subject: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
  readonly ratioTo?: { readonly subject: string; readonly value: number };
}

/** Rounds of each subject, in the order measured. */
export type Samples = ReadonlyMap<string, readonly number[]>;

/** One row a subject; each but the peer with its ratio to the peer. */
export function rowsOf(name: string, unit: string, samples: Samples, peer: string): Row[] {
  const reference = median(samples.get(peer) ?? []);
  return [...samples].map(([subject, values]) => ({
    case: name,
    subject,
    unit,
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    rounds: values.length,
    ...(subject !== peer && { ratioTo: { subject: peer, value: median(values) / reference } }),
  }));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function markdownTable(rows: readonly Row[]): string {
  const head = ["case", "subject", "median", "min", "max", "unit", "rounds", "ratio"];
  const lines = rows.map((row) => [
    row.case,
    row.subject,
    round(row.median),
    round(row.min),
    round(row.max),
    row.unit,
    String(row.rounds),
    row.ratioTo === undefined ? "" : `${row.ratioTo.value.toFixed(2)} × ${row.ratioTo.subject}`,
  ]);
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
