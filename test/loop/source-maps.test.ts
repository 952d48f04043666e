/**
 * Compiled, minified code is told by what somebody wrote, without a flag of Node's.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stall } from "offloop";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lines, runNode, stallsOf } from "./programs.ts";

const SOURCE = `import { watchLoop } from "offloop";
import { setTimeout as delay } from "node:timers/promises";

interface Row { readonly id: number }

function countDuplicates(rows: readonly Row[]): number {
  let duplicates = 0;
  const end = Date.now() + 500;
  while (Date.now() < end) {
    for (const { id } of rows) duplicates += id;
  }
  return duplicates;
}

function handleRequest(): void {
  console.log(JSON.stringify({ type: "request", at: performance.timeOrigin + performance.now() }));
  process.exitCode = Math.min(0, countDuplicates([{ id: 1 }, { id: 2 }]));
}

const monitor = watchLoop({ thresholdMs: 50 });
monitor.on("stall", (stall) => console.log(JSON.stringify({ type: "stall", ...stall })));
await monitor.ready();
await delay(300);
setImmediate(handleRequest);
await delay(700);
await monitor.stop();
`;

/** That of the request: on a busy machine the program's start may be a longer one. */
function requestStall(stdout: string): Stall {
  const began = lines(stdout).find(({ type }) => type === "request")!["at"] as number;
  return stallsOf(stdout).find(
    ({ kind, startedAt, durationMs }) =>
      kind === "loop" && startedAt <= began + 1 && began < startedAt + durationMs,
  )!;
}

let folder: string;
let source: string;
beforeAll(() => {
  // Inside of the package: its own name leads to dist/ from here.
  folder = mkdtempSync(join(import.meta.dirname, "../.tmp-maps-"));
  source = join(folder, "app.ts");
  writeFileSync(source, SOURCE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([true, "inline"] as const)("a minified bundle with a source map (%s)", async (sourcemap) => {
  const file = join(folder, `bundle-${sourcemap}.mjs`);
  const build = await rolldown({ input: source, external: [/^node:/, "offloop"] });
  await build.write({
    file,
    format: "esm",
    sourcemap,
    minify: { compress: false, mangle: { toplevel: true } },
  });
  await build.close();
  expect(readFileSync(file, "utf8")).not.toContain("countDuplicates");

  const { code, stdout } = await runNode([file]);
  expect(code).toBe(0);
  const stall = requestStall(stdout);
  expect(stall.culprit).toMatchObject({ function: "countDuplicates", file: source });
  expect([8, 9, 10]).toContain(stall.culprit!.line);
  expect(stall.stack.map((frame) => frame.function)).toContain("handleRequest");
});

test.each(["no-such.map", "data:application/json;base64,bm90IGpzb24=", "%zz"])(
  "a map that cannot be read (%s) leaves the place as it runs",
  async (url) => {
    const file = join(folder, "broken.mjs");
    const plain = SOURCE.replace(/interface.*/, "").replaceAll(/: (readonly Row\[\]|number|void)/g, "");
    writeFileSync(file, `${plain}//# sourceMappingURL=${url}\n`);
    const { code, stdout } = await runNode([file]);
    expect(code).toBe(0);
    expect(requestStall(stdout).culprit).toMatchObject({ function: "countDuplicates", file });
  },
);
