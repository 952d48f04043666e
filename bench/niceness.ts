/**
 * Whether workers that give way to the loop, or one worker fewer than CPUs, serve it better: `/ping` under heavy requests, and how many of
 * those are served. What is the default was chosen by this.
 */
import { interleave, type Row, rowsOf } from "./harness.ts";
import { underLoad } from "./subjects/http-servers.ts";

const ROUNDS = 7;
const SUBJECTS = ["offloop", "offloop, nice 0", "offloop, a worker fewer", "offloop, nice 0, a worker fewer"];

export async function measure(): Promise<Row[]> {
  const rounds = SUBJECTS.map((name) => [name, () => underLoad(name)] as const);
  const measured = await interleave(Object.fromEntries(rounds), { rounds: ROUNDS, warmUp: 0 });
  return rowsOf(measured, { unit: "ms", ratioTo: "offloop" });
}
