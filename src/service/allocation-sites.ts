/**
 * What the functions of a program allocated and still hold, and how that grows.
 */
import { fileURLToPath } from "node:url";
import type { StackFrame } from "../core/errors.ts";
import type { AllocationNode } from "./heap-samples.ts";

/** A function, and what it made. Estimated from samples. */
export interface AllocationSite extends StackFrame {
  /** Made since the tracer started, and not collected yet. */
  liveBytes: number;
  /** How many objects these are. */
  liveCount: number;
  /** What `liveBytes` is more than in the report before; less than 0 when it is less. */
  growthBytes: number;
}

export class AllocationSites {
  #liveBefore: ReadonlyMap<string, number> = new Map();

  /** The sites with the most, now. */
  next(root: AllocationNode, count: number): AllocationSite[] {
    const sites = new Map<string, AllocationSite>();
    addTo(sites, root);
    for (const [place, site] of sites) {
      site.growthBytes = site.liveBytes - (this.#liveBefore.get(place) ?? 0);
    }
    this.#liveBefore = new Map([...sites].map(([place, { liveBytes }]) => [place, liveBytes]));
    return [...sites.values()].sort((one, other) => other.liveBytes - one.liveBytes).slice(0, count);
  }
}

function addTo(sites: Map<string, AllocationSite>, node: AllocationNode): void {
  if (node.allocations.length > 0) {
    const { name = "", scriptName, lineNumber = 0, columnNumber = 0 } = node;
    const place = `${scriptName}:${lineNumber}:${columnNumber}:${name}`;
    let site = sites.get(place);
    if (site === undefined) {
      const file = scriptName.startsWith("file:") ? fileURLToPath(scriptName) : scriptName;
      site = {
        function: name === "" ? "(anonymous)" : name,
        file,
        line: lineNumber,
        column: columnNumber,
        liveBytes: 0,
        liveCount: 0,
        growthBytes: 0,
      };
      sites.set(place, site);
    }
    for (const { sizeBytes, count } of node.allocations) {
      site.liveBytes += sizeBytes * count;
      site.liveCount += count;
    }
  }
  for (const child of node.children) addTo(sites, child);
}
