/**
 * One thread, carried by piscina: the only file that imports it. Each thread has a Piscina of its own, with room for one, so
 * a worker's death, a failed start and a kill concern nobody else, and no message needs routing.
 *
 * What piscina runs is a *visit* (workers/thread.ts): it keeps the worker in its answering loop, and this process alive, while
 * calls come. It ends after 20 ms of quiet; the next call opens another.
 *
 * A thread is ended with `destroy()`, whose promise nobody waits for: it resolves at the thread's exit, which a native call
 * can delay (3.9 s measured; the place is free after 2 ms).
 */
import type { Worker } from "node:worker_threads";
import type { Piscina } from "piscina";
import type { Loss } from "../core/errors.ts";
import { installedPackage } from "../core/installed-package.ts";
import { ownWorker } from "../core/realm.ts";
import type { WorkerMark } from "../core/worker-mark.ts";
import type { ThreadBoot } from "../wire/worker-boot.ts";
import { terminateUntilGone } from "./terminate.ts";
import { threadExecArgv } from "./worker-exec-argv.ts";
import { workerFile } from "../core/worker-files.ts";
import type { WorkerSetup } from "./worker-setup.ts";

// Not imported: bundled, it would not find its own worker file, and in an ES module it could not even start.
let loaded: typeof Piscina | undefined;

/** @throws NotInstalled */
function loadPiscina(): typeof Piscina {
  const { require } = installedPackage();
  return (loaded ??= (require("piscina") as { Piscina: typeof Piscina }).Piscina);
}

// With the program, not in the event loop of its first call. A worker starts no others.
if (ownWorker() === undefined) {
  try {
    loadPiscina();
  } catch {
    // The first call says why.
  }
}

export interface CarrierEvents {
  /** The thread has ended. */
  exit(loss: Loss): void;
  /** Whether calls are unanswered, so that the process must be held and the answering loop kept. */
  isWaiting(): boolean;
}

export class ThreadCarrier {
  readonly threadId: number;
  readonly #piscina: Piscina;
  readonly #worker: Worker;
  readonly #events: CarrierEvents;
  /** `away`: the worker is in its event loop. `ended`: it has gone or is told to. */
  #state: "visiting" | "away" | "ended" = "away";
  #cause: unknown;

  /** @throws what starting a thread throws: an option that Node refuses; NotInstalled */
  constructor(setup: WorkerSetup, boot: ThreadBoot, events: CarrierEvents) {
    this.#events = events;
    const Carrier = loadPiscina();
    this.#piscina = new Carrier({
      filename: workerFile("thread.cjs"),
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Infinity,
      recordTiming: false,
      workerData: { offloop: { id: boot.id, kind: "thread" } } satisfies WorkerMark,
      argv: process.argv.slice(2),
      // A worker that is not in a visit belongs to its event loop: what a task left there must go on.
      atomics: "disabled",
      ...(process.platform === "win32" && setup.nice !== undefined && { niceIncrement: setup.nice }),
      ...(setup.env !== undefined && { env: setup.env }),
      ...(setup.resourceLimits !== undefined && { resourceLimits: setup.resourceLimits }),
      ...execArgv(setup),
    });
    // A worker's death is told by its own events, below.
    this.#piscina.on("error", () => {});
    this.#run(boot, [boot.port]);
    this.#worker = this.#piscina.threads[0]!;
    this.threadId = this.#worker.threadId;
    this.#watch(this.#worker);
  }

  /** Makes sure that a visit is open. */
  visit(): void {
    if (this.#state === "away") this.#run(null, []);
  }

  end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    void this.#piscina.destroy();
    terminateUntilGone(this.#worker);
  }

  #run(boot: ThreadBoot | null, transferList: readonly object[]): void {
    this.#state = "visiting";
    this.#piscina.run(boot, { transferList: transferList as never }).then(
      () => {
        // A destroyed Piscina that is asked to run something starts a new thread.
        if (this.#state === "ended") return;
        this.#state = "away";
        // A call that came as the visit ended is being run all the same.
        if (this.#events.isWaiting()) this.visit();
      },
      (error: unknown) => {
        // The thread is dying, or its loop failed and would answer nothing any more.
        if (this.#state === "ended") return;
        this.#cause ??= error;
        this.end();
      },
    );
  }

  #watch(worker: Worker): void {
    worker.once("error", (error) => (this.#cause = error));
    worker.once("exit", (exitCode) => {
      this.#state = "ended";
      const cause = this.#cause;
      const oom = (cause as { code?: unknown } | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY";
      this.#events.exit({ exitCode, signal: null, oom, ...(cause !== undefined && { cause }) });
    });
  }
}

function execArgv(setup: WorkerSetup): { execArgv?: string[] } {
  const options = threadExecArgv(setup.execArgv);
  return options === undefined ? {} : { execArgv: options };
}
