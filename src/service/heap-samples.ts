/**
 * V8's sampling heap profiler: where the objects were made that are still there. Node 20 to 24 have no way to it but the inspector,
 * which collects all garbage before each answer, 100 to 340 ms; the package `@datadog/pprof` asks V8 itself.
 */

/** A function, with what it allocated itself; children only when stacks are recorded. */
export interface AllocationNode {
  readonly name?: string | undefined;
  readonly scriptName: string;
  readonly lineNumber?: number | undefined;
  readonly columnNumber?: number | undefined;
  readonly allocations: readonly { readonly sizeBytes: number; readonly count: number }[];
  readonly children: readonly AllocationNode[];
}

export interface HeapSamples {
  start(intervalBytes: number, stackDepth: number): void;
  stop(): void;
  v8Profile(): AllocationNode;
}

/** @throws Error when the package is not installed. */
export async function loadHeapSamples(): Promise<HeapSamples> {
  try {
    const { heap } = await import("@datadog/pprof");
    // The types of nodes with and without all allocations; these are without.
    return heap as unknown as HeapSamples;
  } catch (error) {
    throw new Error(
      "MemoryTracer needs the package @datadog/pprof, and it cannot be loaded: npm install @datadog/pprof",
      { cause: error },
    );
  }
}
