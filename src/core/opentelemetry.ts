/**
 * The context of OpenTelemetry as one that can go along with calls, in the W3C's form. Its API is the program's to install; copies of it share
 * their state.
 */
import type * as Api from "@opentelemetry/api";
import { installedPackage } from "./installed-package.ts";

/** The context that stands for it: nobody registers it. */
export const TRACEPARENT = "traceparent";

/** `traceparent`, `tracestate` and what else the program's propagator writes. */
export type Carrier = Record<string, string>;

let api: typeof Api | null | undefined;

/** Undefined where it cannot be found. */
export function openTelemetry(): typeof Api | undefined {
  if (api === undefined) {
    try {
      api = installedPackage().require("@opentelemetry/api") as typeof Api;
    } catch {
      api = null;
    }
  }
  return api ?? undefined;
}

/** As an AsyncLocalStorage has it. */
export const traceStorage = {
  /** Undefined: none, or none that the program's propagator can write. */
  getStore(): Carrier | undefined {
    const otel = openTelemetry();
    const carrier: Carrier = {};
    otel?.propagation.inject(otel.context.active(), carrier);
    return Object.keys(carrier).length === 0 ? undefined : carrier;
  },
  run<T>(carrier: unknown, run: () => T): T {
    const otel = openTelemetry();
    if (otel === undefined || carrier === undefined) return run();
    return otel.context.with(otel.propagation.extract(otel.ROOT_CONTEXT, carrier), run);
  },
};
