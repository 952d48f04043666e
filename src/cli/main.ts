#!/usr/bin/env node
/**
 * `offloop watch script`: runs a program with the monitor preloaded, and tells what it finds. A mistake of the user is one line
 * and an exit code, never a stack of ours.
 */
import { openSync, writeSync } from "node:fs";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { LIVE_FD, REPORT_FD } from "../core/watch-settings.ts";
import { page } from "./html/page.ts";
import { parseArguments, USAGE, type WatchCommand } from "./arguments.ts";
import { CannotRun, startProgram } from "./program.ts";
import { readRecords } from "./records.ts";
import { RunLog } from "./run-log.ts";
import { endAs, passSignals } from "./signals.ts";
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
  const write = output(command.out);
  const writePage = command.report === undefined ? undefined : output(command.report);
  const log = new RunLog();
  const child = startProgram(command);
  passSignals(child);
  const isTerminal = command.out === undefined && process.stderr.isTTY;
  const session = new Session({ format: command.format, isTerminal, write });
  const pipes = [REPORT_FD, LIVE_FD].map((fd) => child.stdio[fd] as Readable);
  const read = Promise.all(
    pipes.map((pipe) =>
      readRecords(pipe, (record) => {
        if (record.type !== "stacks") session.received(record);
        if (writePage !== undefined) log.add(record);
      }),
    ),
  );
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  await Promise.race([read, new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
  const unfinished = session.unfinished();
  if (unfinished !== undefined) log.add({ type: "stall", ...unfinished });
  const summary = session.end();
  const { startedAt, points, untold } = log;
  const title = [command.script, ...command.args].join(" ");
  writePage?.(page({ command: title, startedAt, points, stalls: log.stalls(), untold, summary }));
  endAs(code, signal);
  // What the program left running holds the pipes, and must not hold this process.
  for (const pipe of pipes) pipe.destroy();
}

/** Whole lines in one write: the program writes to the same terminal. */
function output(file: string | undefined): (text: string) => void {
  let fd = STDERR;
  try {
    if (file !== undefined) fd = openSync(file, "w");
  } catch (error) {
    throw new CannotRun(`cannot write to ${file}: ${(error as Error).message}`, { cause: error });
  }
  return (text) => {
    const bytes = Buffer.from(text);
    for (let from = 0; from < bytes.length;) from += writeSync(fd, bytes, from);
  };
}
