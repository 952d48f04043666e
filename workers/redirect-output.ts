/**
 * Where what tasks print in a thread goes, if not to the program's own streams. A child's streams are chosen when it is forked.
 */
import { Writable } from "node:stream";
import type { Stdio } from "../src/core/stdio.ts";

export function redirectOutput(stdio: Stdio): void {
  if (stdio === "inherit") return;
  if (stdio === "stderr") return replace("stdout", () => process.stderr);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  replace("stdout", () => nowhere);
  replace("stderr", () => nowhere);
}

function replace(name: "stdout" | "stderr", get: () => Writable): void {
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get });
  // It takes them when it is first used, which a preload of the program's may have done. Node has had a setter for that since 13.
  Object.assign(console, { [`_${name}`]: get() });
}
