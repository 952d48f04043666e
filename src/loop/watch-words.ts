/**
 * What the watched thread and its watchdog tell each other without a message: the one may be blocked, the other asleep.
 */
const [TURN, WAKE, CONNECTED, EXITING, REPLIES, HEARTBEAT_RUNS, SYNC_CALL] = [0, 1, 2, 3, 4, 5, 6];
const WORDS = 7;
const [THRESHOLD, SAMPLE, HEARTBEAT, IDLE_HEARTBEAT] = [4, 5, 6, 7];
const NUMBERS = 8;

export class WatchWords {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;

  constructor(buffer = new SharedArrayBuffer(NUMBERS * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, WORDS);
    this.#numbers = new Float64Array(buffer);
  }

  /** Number of the turn that runs. A plain store: one thread writes it, and each turn pays for it. */
  get turn(): number {
    return Atomics.load(this.#words, TURN);
  }

  endTurn(): void {
    this.#words[TURN]!++;
  }

  get thresholdMs(): number {
    return this.#numbers[THRESHOLD]!;
  }

  set thresholdMs(ms: number) {
    this.#numbers[THRESHOLD] = ms;
  }

  get sampleMs(): number {
    return this.#numbers[SAMPLE]!;
  }

  set sampleMs(ms: number) {
    this.#numbers[SAMPLE] = ms;
  }

  /** How often the watched thread should wake by itself; 0 is never. */
  get heartbeatMs(): number {
    return this.#numbers[HEARTBEAT]!;
  }

  set heartbeatMs(ms: number) {
    this.#numbers[HEARTBEAT] = ms;
  }

  /** The same while it has nothing to do. NaN: what the platform needs. */
  get idleHeartbeatMs(): number {
    return this.#numbers[IDLE_HEARTBEAT]!;
  }

  set idleHeartbeatMs(ms: number) {
    this.#numbers[IDLE_HEARTBEAT] = ms;
  }

  /** The interval that it does wake with; 0 is none. */
  get runningHeartbeatMs(): number {
    return Atomics.load(this.#words, HEARTBEAT_RUNS);
  }

  set runningHeartbeatMs(ms: number) {
    Atomics.store(this.#words, HEARTBEAT_RUNS, Math.ceil(ms));
  }

  /** The watchdog holds an inspector session; Node would wait for it at exit, and say so. */
  get isConnected(): boolean {
    return Atomics.load(this.#words, CONNECTED) === 1;
  }

  set isConnected(connected: boolean) {
    Atomics.store(this.#words, CONNECTED, connected ? 1 : 0);
    Atomics.notify(this.#words, CONNECTED);
  }

  get isExiting(): boolean {
    return Atomics.load(this.#words, EXITING) === 1;
  }

  exit(): void {
    Atomics.store(this.#words, EXITING, 1);
    this.wake();
  }

  /** The number of the wrapped function that the watched thread is in; 0 is none. A plain store: each call pays for it. */
  get syncCall(): number {
    return this.#words[SYNC_CALL]!;
  }

  set syncCall(number: number) {
    this.#words[SYNC_CALL] = number;
  }

  /** Answers of the watchdog to the end of a stall, so far. */
  get replies(): number {
    return Atomics.load(this.#words, REPLIES);
  }

  replied(): void {
    Atomics.add(this.#words, REPLIES, 1);
    Atomics.notify(this.#words, REPLIES);
  }

  waitForReply(seen: number, timeoutMs: number): void {
    Atomics.wait(this.#words, REPLIES, seen, timeoutMs);
  }

  /** Waiting lets interrupts in, so that the session can be closed meanwhile. */
  waitForDisconnect(timeoutMs: number): void {
    Atomics.wait(this.#words, CONNECTED, 1, timeoutMs);
  }

  wake(): void {
    Atomics.add(this.#words, WAKE, 1);
    Atomics.notify(this.#words, WAKE);
  }

  get wakeups(): number {
    return Atomics.load(this.#words, WAKE);
  }

  /** Sleeps, unless woken since `seen`. */
  sleep(seen: number, ms: number): void {
    Atomics.wait(this.#words, WAKE, seen, ms);
  }
}
