import { execFileSync } from "node:child_process";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the example queries SQLite off the loop, or says which Node it needs", () => {
  const example = join(import.meta.dirname, "../../examples/actors/main.js");
  const printed = execFileSync(process.execPath, [example], { encoding: "utf8" }).trimEnd().split("\n");
  if (isBuiltin("node:sqlite")) {
    expect(printed[0]).toMatch(/^\d{5,} pairs; the event loop went on meanwhile: true$/);
    expect(printed.slice(1)).toEqual(["word-0", "word-1", "ERR_SQLITE_ERROR: no such column: colour"]);
  } else {
    expect(printed).toEqual([expect.stringContaining("from Node 22.13 on")]);
  }
});
