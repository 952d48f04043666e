/**
 * A program from its start to its orderly end.
 */
import { markOwnExports } from "../core/own-exports.ts";
import { entrypoint } from "./entrypoint.ts";
import { MemoryTracer } from "./memory-tracer.ts";
import { PeriodicService } from "./periodic-service.ts";
import { Profiler } from "./profiler.ts";

markOwnExports("offloop/service", { entrypoint, MemoryTracer, PeriodicService, Profiler });

export { entrypoint } from "./entrypoint.ts";
export { MemoryTracer } from "./memory-tracer.ts";
export { PeriodicService } from "./periodic-service.ts";
export { Profiler } from "./profiler.ts";

export type { AllocationSite } from "./allocation-sites.ts";
export type { EntrypointOptions } from "./entrypoint.ts";
export type { FunctionTime } from "./function-times.ts";
export type { EntrypointContext } from "./main-run.ts";
export type { MemoryReport, MemoryTracerOptions } from "./memory-tracer.ts";
export type { PeriodicServiceOptions } from "./periodic-service.ts";
export type { CpuReport, ProfilerOptions } from "./profiler.ts";
export type { Service } from "./service.ts";
