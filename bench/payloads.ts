/**
 * What it costs to send bytes to a worker and to get them back, copied and moved, one call at a time, and the most memory that the program
 * takes meanwhile: a second copy would show.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { interleave, isQuick, type Row, rowsOf, sized } from "./harness.ts";
import { type Payloads, payloads } from "./subjects/payloads.ts";

const ROUNDS = 9;
const MEMORY_ROUNDS = 5;
const KB = 1_024;
const MB = 1_024 * KB;
const SIZES = sized(
  { "1 KB": KB, "64 KB": 64 * KB, "1 MB": MB, "16 MB": 16 * MB, "64 MB": 64 * MB },
  { "1 KB": KB, "1 MB": MB },
);
const LARGEST = sized(64 * MB, MB);
/** Calls of a turn: many small ones, a few large ones. */
const callsOf = (size: number): number => sized(Math.max(2, Math.min(200, (32 * MB) / size)), 2);

type Way = "copy" | "move" | "copyBack" | "moveBack" | "text";
const WAYS: Readonly<Record<string, Way>> = {
  "copied to the worker": "copy",
  "moved to the worker": "move",
  "copied back": "copyBack",
  "moved back": "moveBack",
  "a string to the worker": "text",
};

export async function measure(): Promise<Row[]> {
  return [...(await measureTime()), ...(await measureMemory())];
}

async function measureTime(): Promise<Row[]> {
  const open = Object.entries(payloads).map(([name, make]) => [name, make()] as const);
  const rows: Row[] = [];
  // A size at a time: the garbage of 64 MB must not be collected among calls of 1 KB.
  for (const [title, size] of Object.entries(SIZES)) {
    const rounds = open.map(([name, subject]) => [name, () => turn(subject, title, size)] as const);
    const measured = await interleave(Object.fromEntries(rounds), { rounds: ROUNDS });
    rows.push(...rowsOf(measured, { unit: "µs", ratioTo: "raw postMessage" }));
  }
  for (const [, { close }] of open) void close();
  return rows;
}

async function turn(subject: Payloads, title: string, size: number): Promise<Record<string, number>> {
  const measures: Record<string, number> = {};
  for (const [name, way] of Object.entries(WAYS)) {
    const calls = callsOf(size);
    await send(subject, way, size, 1);
    measures[`${title} ${name}`] = (await send(subject, way, size, calls)) / calls;
  }
  return measures;
}

/** µs of all of them; what is sent is made before. */
async function send(subject: Payloads, way: Way, size: number, calls: number): Promise<number> {
  const bytes = new Uint8Array(way === "copy" ? size : 0);
  const text = way === "text" ? "x".repeat(size) : "";
  let elapsed = 0;
  for (let call = 0; call < calls; call++) {
    const moved = new Uint8Array(way === "move" ? size : 0);
    const startedAt = performance.now();
    const arrived = await callOf(subject, way, { bytes, moved, size, text });
    elapsed += performance.now() - startedAt;
    if (arrived !== size) throw new Error(`a wrong answer: ${arrived} instead of ${size}`);
  }
  return elapsed * 1_000;
}

interface Payload {
  readonly bytes: Uint8Array;
  readonly moved: Uint8Array<ArrayBuffer>;
  readonly size: number;
  readonly text: string;
}

async function callOf(subject: Payloads, way: Way, { bytes, moved, size, text }: Payload): Promise<number> {
  switch (way) {
    case "copy":
      return subject.copy(bytes);
    case "move":
      return subject.move(moved);
    case "copyBack":
      return (await subject.copyBack(size)).byteLength;
    case "moveBack":
      return (await subject.moveBack(size)).byteLength;
    case "text":
      return subject.text(text);
  }
}

/** Each is a process of its own: the most that it ever took is told, once. */
async function measureMemory(): Promise<Row[]> {
  const subjects = Object.keys(payloads).map((name) => [name, () => memoryOf(name)] as const);
  const measured = await interleave(Object.fromEntries(subjects), { rounds: MEMORY_ROUNDS, warmUp: 0 });
  return rowsOf(measured, { unit: "MB", ratioTo: "raw postMessage" });
}

async function memoryOf(name: string): Promise<Record<string, number>> {
  const measures: Record<string, number> = {};
  const ways = Object.entries(WAYS).filter(([, way]) => (isQuick ? way === "copy" : way !== "text"));
  for (const [title, way] of ways) {
    const args = [...process.execArgv, fileURLToPath(import.meta.url), name, way];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    measures[`memory at its most above what it was, ${LARGEST / MB} MB ${title}`] = Number(stdout);
  }
  return measures;
}

const [asked = "", askedWay] = process.argv.slice(2);
if (asked in payloads && process.argv[1] === fileURLToPath(import.meta.url)) {
  const subject = payloads[asked]!();
  const way = askedWay as Way;
  await send(subject, way, 1, 20);
  const before = process.memoryUsage.rss() / MB;
  await send(subject, way, LARGEST, 1);
  // In KB (Node docs: process.resourceUsage).
  process.stdout.write(String(process.resourceUsage().maxRSS / KB - before), () => process.exit());
}
