/**
 * A worker's place in an executor.
 *
 * | state    | meaning                                        | next                        |
 * | -------- | ---------------------------------------------- | --------------------------- |
 * | starting | its initializer has not ended                  | idle, stuck, gone           |
 * | idle     | waits for calls                                | busy, retiring, gone        |
 * | busy     | has calls, perhaps settled ones that still run | idle, retiring, stuck, gone |
 * | retiring | runs its finalizer and ends                    | stuck, gone                 |
 * | stuck    | was killed and has not gone yet                | gone                        |
 */
import type { Clock } from "../core/clock.ts";
import type { Deadline } from "../core/deadlines.ts";
import type { Loss } from "../core/errors.ts";
import type { Task, TaskPlace } from "../core/task.ts";
import { isBefore } from "../wire/claims.ts";
import { InFlight } from "./in-flight.ts";
import type { WorkerLink } from "./worker-link.ts";

export type SeatState =
  | { readonly kind: "starting"; readonly limit: Deadline }
  | { readonly kind: "idle"; readonly since: number }
  /** `ending`: a task that has settled and still runs. `grace`: when it is ended. Nothing is sent behind it. */
  | { readonly kind: "busy"; ending?: Task<unknown>; grace?: Deadline }
  | { readonly kind: "retiring"; readonly limit: Deadline }
  | { readonly kind: "stuck"; readonly since: number };

export class Seat implements TaskPlace {
  readonly id: number;
  readonly bornAt: number;
  link: WorkerLink | undefined;
  state: SeatState;
  readonly inFlight = new InFlight();
  /** Since when the first of them can have been running. */
  turnAt: number;
  /** When it is looked at whether it gets on, if it has several calls. */
  check: Deadline | undefined;
  /** How often what it had was taken back since it last began something. */
  takenInARow = 0;
  /** Its last call was the turn of a stream: what waits for any worker is before the next one. */
  owesTurn = false;
  /** Streams whose functions rest in it. */
  readonly streams = new Set<object>();
  /** How it ended, or why it was ended. */
  loss: Loss | undefined;
  /** Counted for statistics. */
  tasks = 0;
  activeMs = 0;
  readonly #clock: Clock;

  constructor(id: number, clock: Clock, state: SeatState) {
    this.id = id;
    this.#clock = clock;
    this.bornAt = this.turnAt = clock.now();
    this.state = state;
  }

  /** Stops whatever deadline the state has, and enters the next. */
  enter(state: SeatState): void {
    if (this.state.kind === "starting" || this.state.kind === "retiring") this.state.limit.stop();
    else if (this.state.kind === "busy") this.state.grace?.stop();
    this.state = state;
  }

  /** Killed, or gone. */
  stick(): void {
    this.enter({ kind: "stuck", since: this.#clock.now() });
  }

  /** The first call that a worker has counts as begun: nothing is before it. */
  hasBegun(task: Task<unknown>): boolean {
    return this.inFlight.first === task || isBefore(task.ticket, this.link!.words.claimed);
  }

  startedAt(task: Task<unknown>): number {
    const { words } = this.link!;
    if (this.inFlight.progress(task, words) !== "running") return this.turnAt;
    // Not `turnAt` where the clocks agree: main may have read the answer before it long after the worker went on.
    return Math.max(task.submittedAt, this.#clock.fromMonotonic?.(words.startedAt) ?? this.turnAt);
  }

  /** How many calls it has that can still be taken back, or would have to wait for another. */
  get waiting(): number {
    const { inFlight, link } = this;
    if (inFlight.size < 2) return 0;
    return Math.min(inFlight.size - 1, Math.max(0, (inFlight.end - link!.words.claimed) | 0));
  }
}
