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
import type { Deadline } from "../core/deadlines.ts";
import type { Task } from "../core/task.ts";
import type { WorkerLink } from "./worker-link.ts";

export type SeatState =
  | { readonly kind: "starting"; readonly limit: Deadline }
  | { readonly kind: "idle"; readonly since: number }
  /** `grace`: when a settled task that still runs is ended. */
  | { readonly kind: "busy"; grace: Deadline | undefined }
  | { readonly kind: "retiring"; readonly limit: Deadline }
  | { readonly kind: "stuck"; readonly since: number };

export class Seat {
  readonly id: number;
  readonly bornAt: number;
  link: WorkerLink | undefined;
  state: SeatState;
  /** Calls that were sent and not answered, by task id. */
  readonly inFlight = new Map<number, Task<unknown>>();
  /** Counted for statistics. */
  tasks = 0;
  activeMs = 0;

  constructor(id: number, now: number, state: SeatState) {
    this.id = id;
    this.bornAt = now;
    this.state = state;
  }

  /** Stops whatever deadline the state has, and enters the next. */
  enter(state: SeatState): void {
    if (this.state.kind === "starting" || this.state.kind === "retiring") this.state.limit.stop();
    else if (this.state.kind === "busy") this.state.grace?.stop();
    this.state = state;
  }
}
