import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { run } from "../../program.ts";
import type { Row } from "../table.ts";

/** A program whose worker loops for ever: it, and all that has its output, ends. */
const ends = (fault: string, how: string, end: object): Row => ({
  row: 35,
  fault,
  async body({ kind }) {
    const program = run("looping.mjs", [kind]);
    await program.says("looping");
    if (how.startsWith("SIG")) program.child.kill(how as NodeJS.Signals);
    else program.child.stdin?.write(how);
    expect(await program.end).toMatchObject(end);
  },
});

export const programs: readonly Row[] = [
  ends("main calls process.exit()", "exit", { code: 3, signal: null }),
  ends("main throws", "enough", { code: 1, signal: null }),
  ends("main gets SIGTERM", "SIGTERM", { code: null, signal: "SIGTERM" }),
  {
    ...ends("main gets SIGKILL", "SIGKILL", { code: null, signal: "SIGKILL" }),
    row: 36,
    only: "process",
  },
  {
    row: 37,
    fault: "nothing is left but an idle executor",
    async body({ kind }) {
      for (const after of ["nothing", "starting", "ready", "work"]) {
        const { code, stdout, stderr } = await run("idle.mjs", [kind, after]).end;
        expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "end\n", stderr: "" });
      }
    },
  },
  {
    row: 43,
    fault: "the console is flooded: nothing of it is lost before the answer",
    async body({ kind }) {
      const { code, stdout, stderr } = await run("flood.mjs", [kind, "20000"]).end;
      // Nothing is missing. What a thread prints may come after what main prints itself.
      const lines = stdout.trimEnd().split("\n").sort();
      const printed = Array.from({ length: 20_000 }, (_, n) => `line ${n}`);
      expect({ code, lines }).toEqual({ code: 0, lines: [...printed, "answer 20000"].sort() });
      expect(stderr).toBe("");
    },
  },
  {
    row: 43,
    fault: "nobody reads the output any more",
    async body({ kind }) {
      const folder = mkdtempSync(join(tmpdir(), "offloop-test-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const { child, end } = run("unread.mjs", [kind, join(folder, "answer")]);
      child.stdout?.destroy();
      child.stdin?.end("go");
      expect(await end).toMatchObject({ code: 0, stderr: "answer 20000\n" });
    },
  },
  {
    row: 46,
    fault: "it is dropped without shutdown",
    async body({ kind }) {
      for (const state of ["working", "idle"]) {
        const { code, stdout, stderr } = await run("dropped.mjs", [kind, state], ["--expose-gc"]).end;
        expect({ code, stdout }).toEqual({ code: 0, stdout: state === "working" ? "42\n" : "" });
        expect(stderr).toContain("[OFFLOOP_WARN_UNCLOSED] OffloopWarning: The executor forgotten");
      }
    },
  },
];
