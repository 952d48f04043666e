#!/usr/bin/env node
/**
 * `offloop watch script`: runs a program with the monitor preloaded, and tells what it finds. A mistake of the user is one line
 * and an exit code, never a stack of ours.
 */
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { isatty } from "node:tty";
import { LIVE_FD, REPORT_FD } from "../core/watch-settings.ts";
import { page } from "./html/page.ts";
import { parseArguments, USAGE, type WatchCommand } from "./arguments.ts";
import { Output } from "./output.ts";
import { CannotRun, startProgram } from "./program.ts";
import { readRecords } from "./read-records.ts";
import { RunLog } from "./run-log.ts";
import { endAs, forwardSignals } from "./signals.ts";
import { Session } from "./session.ts";

/** As Node's own for a bad option. */
const USAGE_ERROR = 9;
const STDERR = 2;
/** For records that a program left in its pipes. Its children may hold those open. */
const DRAIN_MS = 500;

await main();

async function main(): Promise<void> {
  const command = parseArguments(process.argv.slice(2));
  switch (command.kind) {
    case "help":
      process.stdout.write(`${USAGE}\n`);
      return;
    case "wrong":
      return fail(`${command.problem} (offloop --help)`, USAGE_ERROR);
    case "watch":
      try {
        await watch(command);
      } catch (error) {
        if (!(error instanceof CannotRun)) throw error;
        fail(error.message, 1);
      }
  }
}

function fail(problem: string, exitCode: number): void {
  process.stderr.write(`offloop: ${problem}\n`);
  process.exitCode = exitCode;
}

async function watch(command: WatchCommand): Promise<void> {
  const out = new Output(command.out);
  const report = command.report === undefined ? undefined : new Output(command.report);
  const log = new RunLog();
  const child = await startProgram(command);
  const exit = exitOf(child);
  const stopForwarding = forwardSignals(child);
  const isTerminal = command.out === undefined && isatty(STDERR);
  const session = new Session({ format: command.format, isTerminal, write: (text) => out.write(text) });
  const pipes = [REPORT_FD, LIVE_FD].map((fd) => child.stdio[fd] as Readable);
  const read = Promise.all(
    pipes.map((pipe) =>
      readRecords(pipe, (record) => {
        if (record.type !== "stacks") session.received(record);
        if (report !== undefined) log.add(record);
      }),
    ),
  );
  const [code, signal] = await exit;
  await Promise.race([read, new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
  const unfinished = session.unfinished();
  if (unfinished !== undefined) log.add({ type: "stall", ...unfinished });
  const summary = session.end();
  const { startedAt, points, untold } = log;
  const title = [command.script, ...command.args].join(" ");
  report?.write(page({ command: title, startedAt, points, stalls: log.stalls(), untold, summary }));
  sayUnwritten(command.out, out);
  sayUnwritten(command.report, report);
  stopForwarding();
  endAs(code === 0 && (out.error ?? report?.error) !== undefined ? 1 : code, signal);
  // What the program left running holds the pipes, and must not hold this process.
  for (const pipe of pipes) pipe.destroy();
}

/** Never rejects: what is wrong with a program that runs, as a signal that it may not be sent, does not end it. */
function exitOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  child.on("error", (error) => process.stderr.write(`offloop: ${error.message}\n`));
  return new Promise((resolve) => child.once("exit", (...end) => resolve(end)));
}

function sayUnwritten(file: string | undefined, output: Output | undefined): void {
  if (output?.error === undefined) return;
  process.stderr.write(`offloop: cannot write to ${file}: ${output.error.message}\n`);
}
