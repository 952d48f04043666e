/**
 * A program from its start to its orderly end.
 */
import { markOwnExports } from "../core/own-exports.ts";
import { entrypoint } from "./entrypoint.ts";
import { PeriodicService } from "./periodic-service.ts";

markOwnExports("offloop/service", { entrypoint, PeriodicService });

export { entrypoint } from "./entrypoint.ts";
export { PeriodicService } from "./periodic-service.ts";

export type { EntrypointOptions } from "./entrypoint.ts";
export type { EntrypointContext } from "./main-run.ts";
export type { PeriodicServiceOptions } from "./periodic-service.ts";
export type { Service } from "./service.ts";
