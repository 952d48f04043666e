/**
 * How long a request that needs no work waits while heavy ones keep all workers busy, and how many of those are served: on the loop, with
 * piscina's defaults, with offloop's, and of a server that has none of them.
 */
import { interleave, type Row, rowsOf } from "./harness.ts";
import { underLoad } from "./subjects/http-servers.ts";

const ROUNDS = 7;
const SUBJECTS = ["idle server", "inline", "piscina", "offloop"];

export async function measure(): Promise<Row[]> {
  const rounds = SUBJECTS.map((name) => [name, () => underLoad(name)] as const);
  const measured = await interleave(Object.fromEntries(rounds), { rounds: ROUNDS, warmUp: 0 });
  return rowsOf(measured, { unit: "ms", ratioTo: "piscina" });
}
