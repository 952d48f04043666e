/**
 * Results on their way to main, in as few messages as do no harm.
 *
 * Guarantees: a result leaves at the latest `longestMs` after it came in while short calls run, and before anything that may take longer
 * (who runs the calls flushes then); while it waits main can read it from the words, whatever becomes of this worker; an object leaves at
 * once, because a later call may change it, and alone, because main may not be able to read it; every result that came in leaves,
 * whatever structured clone makes of the others.
 */
import { type FromWorker, HEADER, RESULT_STRIDE, ResultKind, RESULTS } from "../src/wire/messages.ts";
import { instead, type Outcome } from "../src/wire/results.ts";
import type { Words } from "../src/wire/words.ts";

type Moved = NonNullable<Outcome["transfer"]>;
/** @throws what structured clone throws */
type Post = (message: FromWorker, transfer?: Moved) => void;

export class Outbox {
  readonly #post: Post;
  readonly #words: Words;
  readonly #longestMs: number;
  #entries: unknown[] = [];
  /** Number of the call whose result may come next, if it is to leave with the others. */
  #next = 0;
  #startedAt = 0;

  constructor(post: Post, words: Words, longestMs: number) {
    this.#post = post;
    this.#words = words;
    this.#longestMs = longestMs;
  }

  add(seq: number, startedAt: number, endedAt: number, outcome: Outcome): void {
    const { kind, value, transfer } = outcome;
    const isObject = typeof value === "object" && value !== null;
    if (isObject || seq !== this.#next) this.flush();
    // What main could not read if this thread were blocked must not wait.
    const runMs = endedAt - startedAt;
    const waits = kind === ResultKind.value && !isObject && this.#words.keep(seq, startedAt, runMs, value);
    if (!waits) this.flush();
    if (this.#entries.length === 0) {
      this.#entries.push(RESULTS, seq, startedAt);
      this.#startedAt = startedAt;
    }
    this.#next = (seq + 1) | 0;
    this.#entries.push(kind, value, runMs);
    if (!waits || endedAt - this.#startedAt >= this.#longestMs) this.flush(transfer);
  }

  flush(transfer?: Moved): void {
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    // Before they leave: main, about to kill this worker for a timeout, sees that the tasks were in time.
    this.#words.leave(this.#next);
    try {
      this.#post(entries as unknown as FromWorker, transfer);
    } catch (refusal) {
      this.#postEach(entries, refusal, transfer);
    }
  }

  /** One of them cannot be copied. */
  #postEach(entries: readonly unknown[], refusal: unknown, transfer: Moved | undefined): void {
    let [, seq, startedAt] = entries as [unknown, number, number];
    const isAlone = entries.length === HEADER + RESULT_STRIDE;
    for (let at = HEADER; at < entries.length; at += RESULT_STRIDE) {
      const [kind, value, runMs] = entries.slice(at, at + RESULT_STRIDE) as [ResultKind, unknown, number];
      const post = (outcome: Outcome): void =>
        this.#post([RESULTS, seq, startedAt, outcome.kind, outcome.value, runMs], outcome.transfer);
      const outcome: Outcome = { kind, value, transfer };
      try {
        if (isAlone) post(instead(outcome, refusal));
        else post(outcome);
      } catch (own) {
        post(instead(outcome, own));
      }
      seq = (seq + 1) | 0;
      startedAt += runMs;
    }
  }
}
