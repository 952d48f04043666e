/**
 * What is told of the workers of one executor.
 */
import type { Clock } from "../core/clock.ts";
import type { Loss } from "../core/errors.ts";
import { tellWorkerEvent, type WorkerEvent } from "../core/worker-events.ts";
import type { Seat } from "./seat.ts";

type About = Pick<WorkerEvent, "executor" | "kind" | "workerId" | "threadId" | "pid">;

export class SeatEvents {
  readonly #executor: string;
  readonly #kind: WorkerEvent["kind"];
  readonly #clock: Clock;

  constructor(executor: string, kind: WorkerEvent["kind"], clock: Clock) {
    this.#executor = executor;
    this.#kind = kind;
    this.#clock = clock;
  }

  /** Before it is made: what fails at once is told after that. */
  starting(seat: Seat): void {
    tellWorkerEvent(() => ({ type: "starting", ...this.#about(seat) }));
  }

  started(seat: Seat, nice: number | undefined): void {
    const startMs = this.#ageMs(seat);
    tellWorkerEvent(() => ({ type: "started", ...this.#about(seat), startMs, nice }));
  }

  startFailed(seat: Seat, error: unknown): void {
    tellWorkerEvent(() => ({ type: "start-failed", ...this.#about(seat), error }));
  }

  killed(seat: Seat, because: string): void {
    tellWorkerEvent(() => ({ type: "killed", ...this.#about(seat), because }));
  }

  gone(seat: Seat, how: "ended" | "lost", { exitCode, signal, oom, ...loss }: Loss): void {
    const { tasks, activeMs } = seat;
    const ageMs = this.#ageMs(seat);
    const error = "cause" in loss ? { error: loss.cause } : {};
    const about = { exitCode, signal, oom, ...error, tasks, activeMs, ageMs };
    tellWorkerEvent(() => ({ type: how, ...this.#about(seat), ...about }));
  }

  #about({ id, link }: Seat): About {
    return {
      executor: this.#executor,
      kind: this.#kind,
      workerId: id,
      ...(link?.threadId !== undefined && { threadId: link.threadId }),
      ...(link?.pid !== undefined && { pid: link.pid }),
    };
  }

  #ageMs({ bornAt }: Seat): number {
    return this.#clock.now() - bornAt;
  }
}
