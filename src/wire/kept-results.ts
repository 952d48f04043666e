/**
 * Results that wait in a worker to leave together, where main can read them without the worker: it may be in a call that never ends, or be
 * killed. Only short values are kept, which is what small calls return; others leave at once.
 *
 * A result stands at its call's number, cut to the number of places. The number beside it says whose it is; it is written last and
 * read first and last.
 */
const CALL = 0;
const TYPE = 1;
/** Numbers of 8 bytes each, behind two of 4. */
const STARTED_AT = 1;
const RUN_MS = 2;
const VALUE = 3;
const TEXT_BYTES = 64;
const PLACE_BYTES = 24 + TEXT_BYTES;
const LONGEST_TEXT = TEXT_BYTES / 2;

const Type = { undefined: 0, null: 1, true: 2, false: 3, number: 4, text: 5 } as const;

export interface Kept {
  readonly startedAt: number;
  readonly runMs: number;
  readonly value: unknown;
}

export class KeptResults {
  readonly #places: number;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #text: Uint16Array;

  static bytes(places: number): number {
    return places * PLACE_BYTES;
  }

  /** `places`: a power of two. `offset`: a multiple of 8. */
  constructor(buffer: ArrayBufferLike, offset: number, places: number) {
    const bytes = KeptResults.bytes(places);
    this.#places = places;
    this.#words = new Int32Array(buffer, offset, bytes / 4);
    this.#numbers = new Float64Array(buffer, offset, bytes / 8);
    this.#text = new Uint16Array(buffer, offset, bytes / 2);
  }

  /** Worker. False: a value that cannot be kept. */
  keep(seq: number, startedAt: number, runMs: number, value: unknown): boolean {
    const type = typeOf(value);
    if (type === undefined) return false;
    const place = this.offsetOf(seq);
    const word = place / 4;
    const number = place / 8;
    Atomics.store(this.#words, word + CALL, 0);
    this.#numbers[number + STARTED_AT] = startedAt;
    this.#numbers[number + RUN_MS] = runMs;
    if (type === Type.number) this.#numbers[number + VALUE] = value as number;
    this.#words[word + TYPE] = type === Type.text ? this.#write(place, value as string) : type;
    Atomics.store(this.#words, word + CALL, noted(seq));
    return true;
  }

  /** Main. Undefined: there is none of that call. */
  read(seq: number): Kept | undefined {
    const place = this.offsetOf(seq);
    const word = place / 4;
    const number = place / 8;
    if (Atomics.load(this.#words, word + CALL) !== noted(seq)) return undefined;
    const kept = {
      startedAt: this.#numbers[number + STARTED_AT]!,
      runMs: this.#numbers[number + RUN_MS]!,
      value: this.#value(place),
    };
    return Atomics.load(this.#words, word + CALL) === noted(seq) ? kept : undefined;
  }

  /** In bytes, from the offset of all of them. */
  offsetOf(seq: number): number {
    return (seq & (this.#places - 1)) * PLACE_BYTES;
  }

  /** Returns type and length in one. */
  #write(place: number, text: string): number {
    const from = place / 2 + VALUE * 4;
    for (let at = 0; at < text.length; at++) this.#text[from + at] = text.charCodeAt(at);
    return Type.text + text.length * 8;
  }

  #value(place: number): unknown {
    const type = this.#words[place / 4 + TYPE]!;
    const from = place / 2 + VALUE * 4;
    switch (type & 7) {
      case Type.number:
        return this.#numbers[place / 8 + VALUE];
      case Type.text:
        return String.fromCharCode(...this.#text.subarray(from, from + (type >> 3)));
      default:
        return [undefined, null, true, false][type];
    }
  }
}

function typeOf(value: unknown): number | undefined {
  switch (typeof value) {
    case "number":
      return Type.number;
    case "undefined":
      return Type.undefined;
    case "boolean":
      return value ? Type.true : Type.false;
    case "string":
      return value.length <= LONGEST_TEXT ? Type.text : undefined;
    default:
      return value === null ? Type.null : undefined;
  }
}

/** 0 is what a place holds at first: no call's for the first four thousand million. */
function noted(seq: number): number {
  return (seq + 1) | 0;
}
