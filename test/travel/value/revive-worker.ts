/**
 * Revives captures and calls them, each twice, because a function may change what it captured.
 */
import { parentPort } from "node:worker_threads";
import type { Capture } from "#internal/travel/value/capture-nodes";
import { load } from "#internal/travel/load";
import { outcomesOf } from "./outcomes.ts";

interface Order {
  readonly capture: Capture;
  readonly args: readonly unknown[];
}

parentPort!.on("message", ({ capture, args }: Order) => {
  void load({ kind: "value", capture }, "fn").then(
    async (fn) => parentPort!.postMessage(await outcomesOf(fn as never, args)),
    (error: unknown) => parentPort!.postMessage([`not revived: ${String(error)}`]),
  );
});
