/**
 * What the entrypoint is doing right now: for `debug`, and for the message when its time is up.
 */
const { performance } = globalThis;

export class Steps {
  readonly #debug: boolean;
  readonly #running = new Set<string>();

  constructor(debug: boolean) {
    this.#debug = debug;
  }

  get running(): readonly string[] {
    return [...this.#running];
  }

  /** Notes a step while it lasts. */
  async run<T>(name: string, step: () => T): Promise<Awaited<T>> {
    const startedAt = performance.now();
    this.#running.add(name);
    this.note(name);
    let how = "failed";
    try {
      const result = await step();
      how = "done";
      return result;
    } finally {
      this.#running.delete(name);
      this.note(`${name}: ${how} after ${Math.round(performance.now() - startedAt)} ms`);
    }
  }

  note(text: string): void {
    if (this.#debug) process.stderr.write(`entrypoint: ${text}\n`);
  }
}
