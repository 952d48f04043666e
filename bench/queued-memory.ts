/**
 * What a call costs while it waits: the heap of so many calls of one number each, which nobody awaits, after a garbage collection.
 * It grows linearly where the bytes of a call stay the same. Each turn is a process of its own.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { interleave, type Row, rowsOf, sized, type Subjects } from "./harness.ts";

const ROUNDS = 5;
const QUEUED = sized([10_000, 100_000, 1_000_000], [1_000]);

const program = fileURLToPath(new URL("workers/queued-program.js", import.meta.url));

export async function measure(): Promise<Row[]> {
  const names = ["offloop", "piscina", "tinypool", "workerpool", "poolifier"];
  const subjects: Subjects = Object.fromEntries(names.map((name) => [name, () => measures(name)]));
  const measured = await interleave(subjects, { rounds: ROUNDS, warmUp: 0 });
  return rowsOf(measured, { unit: "bytes a call", ratioTo: "piscina" });
}

async function measures(subject: string): Promise<Record<string, number>> {
  const bytes: Record<string, number> = {};
  for (const count of QUEUED) {
    bytes[`${count.toLocaleString("en")} queued calls`] = await bytesEach(subject, count);
  }
  return bytes;
}

async function bytesEach(subject: string, count: number): Promise<number> {
  // A million waiting calls of the peer are more than Node's heap takes by default.
  const args = ["--expose-gc", "--max-old-space-size=8192", program, subject, String(count)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}
