/**
 * What was measured, as one table and one sentence.
 */

/** The smallest sample that so many percent of all samples do not exceed. */
export function percentile(samples, percent) {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

const columns = {
  "": ({ mode }) => mode,
  "/ping p50": ({ latencies }) => ms(percentile(latencies, 50)),
  "/ping p99": ({ latencies }) => ms(percentile(latencies, 99)),
  "/ping max": ({ latencies }) => ms(percentile(latencies, 100)),
  "heavy requests": ({ heavyPerSecond }) => `${heavyPerSecond.toFixed(1)} /s`,
  "loop lag p99": ({ lag }) => ms(lag.p99),
  "loop lag max": ({ lag }) => ms(lag.max),
};

export function table(measurements) {
  const rows = [
    Object.keys(columns),
    ...measurements.map((one) => Object.values(columns).map((cell) => cell(one))),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padStart(widths[column])).join("  "));
  return [lines[0], widths.map((width) => "-".repeat(width)).join("  "), ...lines.slice(1)].join("\n");
}

/** How many times lower the second p99 is than the first. */
export function improvement(inline, threaded) {
  return percentile(inline.latencies, 99) / percentile(threaded.latencies, 99);
}

export function sentence(inline, threaded) {
  const [before, after] = [inline, threaded].map(({ latencies }) => ms(percentile(latencies, 99)));
  return (
    `Off the loop, the p99 of /ping is ${improvement(inline, threaded).toFixed(0)} times lower ` +
    `(${before} before, ${after} now), with ${threaded.heavyPerSecond.toFixed(1)} heavy requests per second ` +
    `instead of ${inline.heavyPerSecond.toFixed(1)}.`
  );
}

function ms(value) {
  return `${value.toFixed(1)} ms`;
}
