import { rows } from "./rows/all.ts";
import { runRows } from "./table.ts";

runRows(rows, "thread");
