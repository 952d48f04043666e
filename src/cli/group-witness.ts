/**
 * Whether a signal went to this process alone, or to all of its process group, as Ctrl-C in a terminal, a hang-up, and supervisors that
 * signal groups. A handler in Node is not told who sent it, and from where. So a member of the group is asked that has nothing else to do, `cat`:
 *
 * 1. A signal has come. A moment later all members have it that will get it: the system sends it to one after the other.
 * 2. A byte goes to `cat`. What is signalled ends before it reads on, however busy the machine is.
 * 3. Either the byte comes back, so `cat` has no signal, or `cat` has died of one: that went to the group. The next `cat` takes its place.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

type Cat = ChildProcessByStdio<Writable, Readable, null>;

/** For the other members: microseconds, more where a virtual machine loses its CPU meanwhile. Arbitrary; each signal is late by that. */
const SETTLE_MS = 20;
/** What killed `cat` longer ago was for `cat` alone. */
const SAME_SIGNAL_MS = 1_000;

export class GroupWitness {
  #cat: Cat | undefined;
  #deaths: { readonly signal: NodeJS.Signals; readonly at: number }[] = [];

  constructor() {
    this.#start();
  }

  /**
   * Which of the signals, that have just come, went to the whole group. To be asked once at a time. Undefined: there is no `cat` here,
   * so nobody knows.
   */
  async sawToo(signals: readonly NodeJS.Signals[]): Promise<readonly NodeJS.Signals[] | undefined> {
    await delay(SETTLE_MS, undefined, { ref: false });
    if (this.#cat !== undefined) await answerOf(this.#cat);
    if (this.#cat === undefined) return undefined;
    const since = performance.now() - SAME_SIGNAL_MS;
    return signals.filter((signal) => {
      const index = this.#deaths.findIndex((death) => death.signal === signal && death.at >= since);
      if (index !== -1) this.#deaths.splice(index, 1);
      return index !== -1;
    });
  }

  stop(): void {
    const cat = this.#cat;
    this.#cat = undefined;
    cat?.kill("SIGKILL");
  }

  #start(): void {
    const cat = spawnCat();
    this.#cat = cat;
    cat?.on("exit", (_code, signal) => {
      if (this.#cat !== cat) return;
      this.#cat = undefined;
      if (signal === null) return;
      const at = performance.now();
      this.#deaths = [...this.#deaths.filter((death) => death.at >= at - SAME_SIGNAL_MS), { signal, at }];
      this.#start();
    });
  }
}

/** It ends with this process, whose end of the pipe closes then, and keeps nothing alive. */
function spawnCat(): Cat | undefined {
  try {
    // Without a core file: that is the program's to write.
    const cat = spawn("sh", ["-c", "ulimit -c 0; exec cat"], { stdio: ["pipe", "pipe", "ignore"] });
    cat.on("error", () => {});
    if (cat.pid === undefined) return undefined;
    cat.unref();
    for (const pipe of [cat.stdin, cat.stdout] as unknown as Socket[]) pipe.unref();
    cat.stdin.on("error", () => {});
    return cat;
  } catch {
    return undefined;
  }
}

/** Resolves when it has answered, or will not. */
async function answerOf(cat: Cat): Promise<void> {
  // One that was stopped, as by Ctrl-Z, would not answer.
  cat.kill("SIGCONT");
  cat.stdin.write("?");
  const ended = new AbortController();
  const { signal } = ended;
  const ends = [once(cat.stdout, "data", { signal }), once(cat, "exit", { signal })];
  // A pipe that fails says nothing, as one that is silent.
  await Promise.race(ends).catch(() => {});
  ended.abort();
  await Promise.allSettled(ends);
}
