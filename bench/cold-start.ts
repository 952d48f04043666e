/**
 * How long a program waits for its first result: importing the library, and from then on to the answer of a pool of one worker. Each turn
 * is a process of its own. offloop is handed a function that its caller imports, for which V8 has to be asked, and one that is wrapped in its module.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { interleave, type Row, rowsOf } from "./harness.ts";

const ROUNDS = 15;
const THREADS = [
  "raw worker",
  "offloop",
  "offloop, nice 0",
  "offloop, runInExecutor",
  "offloop, threaded",
  "piscina",
  "tinypool",
  "workerpool",
  "poolifier",
];
const PROCESSES = ["offloop, processes", "tinypool, processes", "workerpool, processes"];

const program = fileURLToPath(new URL("workers/cold-program.js", import.meta.url));

export async function measure(): Promise<Row[]> {
  return [
    ...(await measureKind("threads", THREADS, "piscina")),
    ...(await measureKind("processes", PROCESSES, "tinypool, processes")),
  ];
}

async function measureKind(kind: string, names: readonly string[], ratioTo: string): Promise<Row[]> {
  const subjects = Object.fromEntries(names.map((name) => [name, () => start(name, kind)]));
  return rowsOf(await interleave(subjects, { rounds: ROUNDS, warmUp: 1 }), { unit: "ms", ratioTo });
}

async function start(subject: string, kind: string): Promise<Record<string, number>> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, subject]);
  const { import: imported, first, importCpu, firstCpu } = JSON.parse(stdout) as Record<string, number>;
  return {
    [`import, ${kind}`]: imported!,
    [`from import to the first result, ${kind}`]: first!,
    [`both, ${kind}`]: imported! + first!,
    [kind === "threads" ? "CPU time of both, threads" : "CPU time of the parent, processes"]:
      importCpu! + firstCpu!,
  };
}
