/**
 * One run of a program: its records, printed as they come, and the summary at the end. A program that is killed cannot send one;
 * then it is made of what was told before.
 */
import { AdviceBook } from "../loop/advice.ts";
import type { LagWindow } from "../loop/lag-windows.ts";
import type { Distribution } from "../core/distribution.ts";
import { type Colors, colorsFor } from "./colors.ts";
import type { Summary, WatchRecord } from "./records.ts";
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
  readonly #stalls: Record<string, number> = {};
  #windows: readonly LagWindow[] = [];
  #threadpoolLag: Distribution | undefined;
  #summary: Summary | undefined;

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
      case "blocked":
        return this.#print(record, () => stallText(record, true, this.#colors));
      case "windows":
        this.#windows = record.windows;
        this.#threadpoolLag = record.threadpoolLag;
        return;
      case "summary":
        this.#summary = record;
    }
  }

  end(): Summary {
    const summary = this.#summary ?? {
      windows: this.#windows,
      threadpoolLag: this.#threadpoolLag,
      stalls: this.#stalls,
      advice: this.#advice.list(),
    };
    this.#print({ ...summary, type: "summary" }, () => summaryText(summary, this.#colors));
    return summary;
  }

  #print(record: object, text: () => string): void {
    this.#options.write(`${this.#options.format === "json" ? JSON.stringify(record) : text()}\n`);
  }
}
