/**
 * The page that `offloop watch --report` writes, looked at in a browser where there is one.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { flameChart } from "#internal/cli/html/flame-chart";
import { timeline } from "#internal/cli/html/timeline";
import { RunLog } from "#internal/cli/run-log";
import { NO_LAG } from "#internal/loop/threadpool-lag";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixtures, runNode } from "../loop/programs.ts";

const cli = join(import.meta.dirname, "../../dist/src/cli/main.js");
const chromium = findChromium();

let folder: string;
let file: string;
let page: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "offloop-report-"));
  file = join(folder, "report.html");
  // Node refuses some characters in the name of a module; those are in the name of the function.
  const script = join(folder, `<b onclick=x>'&amp;".mjs`);
  copyFileSync(join(fixtures, "hostile.mjs"), script);
  const { code, stderr } = await runNode([cli, "watch", "--json", "--report", file, script]);
  expect(code, stderr).toBe(0);
  page = readFileSync(file, "utf8");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the page", () => {
  test("stands alone: nothing from elsewhere, no script, and a policy that forbids both", () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    // In text every "<" is escaped, so these are all tags there are. Without their quoted values.
    const tags = [...page.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""'));
    expect(tags.length).toBeGreaterThan(50);
    for (const tag of tags) {
      expect(tag).not.toMatch(/^<(script|img|link|iframe|object|b )|\b(src|href|on\w+)=/);
    }
    expect(page.slice(page.indexOf("<style>"), page.indexOf("</style>"))).not.toMatch(/url\(|@import/);
  });

  test("shows the names of the program as text", () => {
    expect(page).not.toContain("<b onclick");
    expect(page).not.toContain(`onerror="`);
    expect(page).toContain("&#60;img src=x onerror=&#34;");
  });

  test("has the stall as a flame chart, callers below", () => {
    const heights = new Map(
      [...page.matchAll(/<div class="box own"[^>]*bottom:(\d+)px"[^>]*title="([^"]*)"/g)].map((found) => [
        found[2]!,
        Number(found[1]),
      ]),
    );
    const heightOf = (name: string): number => [...heights].find(([title]) => title.startsWith(name))![1];
    expect(heightOf("spin")).toBeGreaterThan(heightOf("&#60;/summary"));
  });
});

describe.skipIf(chromium === undefined)(
  "in Chromium (install it, or name it in CHROMIUM, to run this)",
  () => {
    const look = (...args: string[]): string =>
      execFileSync(
        chromium!,
        [
          "--headless=new",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-dev-shm-usage",
          `--user-data-dir=${folder}/profile`,
          ...args,
          pathToFileURL(file).href,
        ],
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 60_000 },
      );

    test("no name becomes an element, and nothing runs", { timeout: 70_000 }, () => {
      const dom = look("--dump-dom");
      expect(dom).not.toMatch(/<(img|script|b onclick)/);
      expect(dom).toMatch(/<title>offloop: [^<]*<\/title>/);
      expect(dom).not.toMatch(/<title>broken in/);
      expect(dom).toContain("</html>");
    });

    test("the timeline, the stall and its flames can be seen", { timeout: 70_000 }, () => {
      const picture = join(folder, "report.png");
      look("--window-size=1200,1400", `--screenshot=${picture}`);
      const colors = countColors(picture);
      // Frames of the user's own, and the bar of the stall on the timeline.
      expect(colors.get("ff8a65") ?? 0).toBeGreaterThan(5_000);
      expect(colors.get("e37250") ?? 0).toBeGreaterThan(2_000);
    });
  },
);

describe("parts of it", () => {
  const frame = (
    name: string,
    source: string,
  ): { function: string; file: string; line: number; column: number } => ({
    function: name,
    file: source,
    line: 1,
    column: 1,
  });

  test("stacks with the same callers share their boxes", () => {
    const [main, a, b] = [frame("main", "/app.js"), frame("a", "/node_modules/x.js"), frame("b", "node:fs")];
    const { text } = flameChart([
      { stack: [a, main], ms: 30 },
      { stack: [b, main], ms: 10 },
    ]);
    expect(text.match(/class="box/g)).toHaveLength(3);
    expect(text).toMatch(
      /box own" style="left:0\.000%;width:100\.000%;bottom:0px" title="main[^"]*: 40 ms, 100 %"/,
    );
    expect(text).toMatch(/box dependency" style="left:0\.000%;width:75\.000%;bottom:20px"/);
    expect(text).toMatch(/box platform" style="left:75\.000%;width:25\.000%;bottom:20px"/);
  });

  test("a program that ended at once has no timeline", () => {
    expect(timeline([], []).text).toContain("ended before");
  });

  test("of a long run the longest stalls are kept, and points thin out", () => {
    const log = new RunLog();
    for (let n = 1; n <= 1_000; n++) {
      log.add({
        type: "stall",
        kind: "loop",
        threadId: 0,
        startedAt: n * 1e4,
        durationMs: n,
        cause: "sync-js",
        gcMs: 0,
        samples: 0,
        stack: [],
        hot: [],
        contexts: [],
      });
    }
    for (let second = 0; second < 10_000; second++) {
      log.add({ type: "windows", at: second * 1e3, windows: [], threadpoolLag: NO_LAG });
    }
    expect(log.untold).toBe(800);
    expect(Math.min(...log.stalls().map(({ stall }) => stall.durationMs))).toBe(801);
    expect(log.points.length).toBeGreaterThan(1_000);
    expect(log.points.length).toBeLessThanOrEqual(3_600);
    expect(log.points.at(-1)!.at).toBeGreaterThan(9_900_000);
  });
});

function findChromium(): string | undefined {
  const { CHROMIUM } = process.env;
  if (CHROMIUM !== undefined) return CHROMIUM;
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return name;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

interface Picture {
  readonly data: Uint8Array;
}

function countColors(picture: string): Map<string, number> {
  const require = createRequire(import.meta.url);
  const { PNG } = require("pngjs") as { PNG: { sync: { read(bytes: Uint8Array): Picture } } };
  const { data } = PNG.sync.read(readFileSync(picture));
  const counts = new Map<string, number>();
  for (let at = 0; at < data.length; at += 4) {
    const color = Buffer.from(data.subarray(at, at + 3)).toString("hex");
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  return counts;
}
