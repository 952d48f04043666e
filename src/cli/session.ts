/**
 * One run of a program: its records, printed as they come, and the summary at the end. A program that is killed cannot send one;
 * then it is made of what was told before.
 */
import { AdviceBook } from "../loop/advice.ts";
import type { LagWindow } from "../loop/lag-windows.ts";
import type { Distribution } from "../core/distribution.ts";
import type { Stall } from "../loop/stall.ts";
import { NO_LAG } from "../loop/threadpool-lag.ts";
import { type Colors, colorsFor } from "./colors.ts";
import type { Summary, WatchRecord } from "./record.ts";
import { stallText, summaryText } from "./report.ts";

interface SessionOptions {
  readonly format: "json" | "text";
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
}

export class Session {
  readonly #options: SessionOptions;
  readonly #colors: Colors;
  readonly #advice = new AdviceBook();
  readonly #stalls = Object.create(null) as Record<string, number>;
  #windows: readonly LagWindow[] = [];
  #threadpoolLag: Distribution = NO_LAG;
  #summary: Summary | undefined;
  /** What was told last to be lasting. */
  #lasting: { readonly stall: Stall; readonly isPrinted: boolean } | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#colors = colorsFor(options.isTerminal, process.env);
  }

  received(record: Exclude<WatchRecord, { type: "stacks" }>): void {
    switch (record.type) {
      case "stall":
        this.#stalls[record.cause] = (this.#stalls[record.cause] ?? 0) + 1;
        this.#advice.add(record);
        return this.#print(record, () => stallText(record, false, this.#colors));
      case "lasting":
        this.#lasting = { stall: record, isPrinted: false };
        return;
      case "over":
        this.#lasting = undefined;
        return;
      case "blocked":
        this.#lasting = { stall: record, isPrinted: true };
        return this.#print(record, () => stallText(record, true, this.#colors));
      case "windows":
        this.#windows = record.windows;
        this.#threadpoolLag = record.threadpoolLag;
        return;
      case "summary":
        this.#summary = record;
    }
  }

  /** Of a program that was killed: the stall that it never came out of. */
  unfinished(): Stall | undefined {
    if (this.#summary !== undefined || this.#lasting === undefined) return undefined;
    const { type: _, ...stall } = this.#lasting.stall as Stall & { type?: string };
    return stall;
  }

  end(): Summary {
    const unfinished = this.unfinished();
    if (unfinished !== undefined) {
      this.#stalls[unfinished.cause] = (this.#stalls[unfinished.cause] ?? 0) + 1;
      this.#advice.add(unfinished);
      if (this.#lasting?.isPrinted === false) {
        this.#print({ type: "blocked", ...unfinished }, () => stallText(unfinished, true, this.#colors));
      }
    }
    const summary = this.#summary ?? {
      windows: this.#windows,
      threadpoolLag: this.#threadpoolLag,
      stalls: this.#stalls,
      advice: this.#advice.list(),
    };
    this.#print({ type: "summary", ...summary }, () => summaryText(summary, this.#colors));
    return summary;
  }

  #print(record: object, text: () => string): void {
    this.#options.write(`${this.#options.format === "json" ? JSON.stringify(record) : text()}\n`);
  }
}
