/**
 * The child process of an actor, over Node's IPC channel.
 */
import { randomInt } from "node:crypto";
import { passOn } from "../pools/foreign-message.ts";
import { WorkerProcess } from "../pools/worker-process.ts";
import { isOfActor, openForActor, sealForActor } from "../wire/actor-ipc.ts";
import type { FromActor, ToActor } from "../wire/actor-messages.ts";
import { type CallFate, FILE_COUNTS_BYTES, FileCallCounts } from "../wire/call-counts.ts";
import { decodeError } from "../wire/error-codec.ts";
import type { Channel, ChannelEvents } from "./channel.ts";
import type { ActorOptions } from "./options.ts";

export class ProcessChannel implements Channel {
  readonly canMove = false;
  readonly #process: WorkerProcess;
  readonly #counts: FileCallCounts;
  readonly #events: ChannelEvents;
  readonly #where: string;
  readonly #key = randomInt(2 ** 47);

  /** @throws what `fork` throws; NotInstalled */
  constructor(id: number, options: ActorOptions, events: ChannelEvents) {
    const { nice, env, execArgv, resourceLimits, stdio } = options;
    this.#events = events;
    this.#where = `offloop (actor ${id})`;
    const boot = {
      id,
      nice,
      tsx: undefined,
      weighed: false,
      stacks: false,
      parent: process.pid,
      key: this.#key,
    };
    this.#process = new WorkerProcess(
      {
        file: "actor.js",
        boot,
        wordsBytes: FILE_COUNTS_BYTES,
        asksMain: false,
        env,
        execArgv,
        resourceLimits,
        stdio,
      },
      {
        message: (received) => this.#receive(received),
        gone: (loss) => {
          events.gone(loss);
          this.#counts.close();
        },
      },
    );
    this.#counts = new FileCallCounts(this.#process.wordsFd);
  }

  post(message: ToActor): void {
    const { child } = this.#process;
    const sealed = sealForActor(message, this.#key);
    // There is no channel to a process that could not be started, or has ended; its end is told by its own events.
    if (child.connected) child.send(sealed, undefined, {}, () => {});
  }

  hold(holds: boolean): void {
    const { child } = this.#process;
    for (const held of [child, child.channel]) {
      if (holds) held?.ref();
      else held?.unref();
    }
  }

  kill(): void {
    this.#process.kill();
  }

  fateOf(number: number | undefined): CallFate {
    return this.#counts.fateOf(number);
  }

  #receive(received: unknown): void {
    if (!isOfActor(received, this.#key)) return passOn(received);
    let message: FromActor;
    try {
      message = openForActor<FromActor>(received);
    } catch (error) {
      // It cannot say which answer it was, so none may be left waiting for it.
      this.#process.diesOf(error);
      return this.kill();
    }
    if (message.type !== "crashed") return this.#events.message(message);
    this.#process.diesOf(decodeError(message.error, { where: this.#where, findClass: () => undefined }));
  }
}
