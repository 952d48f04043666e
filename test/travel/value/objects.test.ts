/**
 * Captured data arrives as it was: the same values, classes, properties with their flags, parts in common and cycles.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FunctionDefinition } from "#internal/wire/messages";
import { load } from "#internal/travel/load";
import { capture } from "#internal/travel/value/capture";
import { isPlainData } from "#internal/travel/value/plain-data";
import { openDefinitions, sealDefinitions } from "#internal/wire/definitions";
import { normalForm } from "./normal-form.ts";
import { graphs } from "./object-graph.ts";

const RUNS = Number(process.env.OFFLOOP_GRAPHS ?? 1_000);
const SEED = Number(process.env.OFFLOOP_SEED ?? 20_261);

type Reference = ReturnType<typeof referenceTo>;

function referenceTo(
  value: unknown,
): { readonly kind: "value" } & Pick<ReturnType<typeof capture>, "capture"> {
  return { kind: "value", capture: capture(() => value, "fn").capture };
}

/** In a list, because it may look like a promise. */
async function arrivedBy<T>(way: (reference: Reference) => Reference, value: T): Promise<[T]> {
  const fn = (await load(way(referenceTo(value)), "fn")) as () => T;
  return [fn()];
}

const bySealing = (reference: Reference): Reference => {
  const definition: FunctionDefinition = { id: 1, name: "fn", reference };
  return openDefinitions(sealDefinitions([definition]))[0]!.reference as Reference;
};

describe("random object graphs", () => {
  test.each([
    ["threads", structuredClone<Reference>],
    ["processes", bySealing],
  ])("as %s get them", { timeout: 60_000 }, async (_title, way) => {
    const property = fc.asyncProperty(graphs, async (graph) => {
      const before = normalForm(graph);
      const [arrived] = await arrivedBy(way, graph);
      expect(normalForm(arrived)).toStrictEqual(before);
      expect(normalForm(graph)).toEqual(before);
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  });

  test("what counts as plain data clones without a loss", () => {
    let plain = 0;
    const property = fc.property(graphs, (graph) => {
      if (!isPlainData(graph)) return;
      plain++;
      expect(normalForm(structuredClone(graph))).toEqual(normalForm(graph));
    });
    fc.assert(property, { numRuns: RUNS * 5, seed: SEED });
    expect(plain).toBeGreaterThan(RUNS / 2);
  });
});

describe("one memory stays one", () => {
  test.each([
    ["threads", structuredClone<Reference>],
    ["processes", bySealing],
  ])("in %s", async (_title, way) => {
    const memory = new ArrayBuffer(16);
    const parts = {
      memory,
      bytes: new Uint8Array(memory, 4, 8),
      words: new Uint32Array(memory),
      view: new DataView(memory, 8),
      buffer: Buffer.from(memory, 2),
      fn: (): number => 1,
    };
    const [there] = await arrivedBy(way, parts);
    there.words[2] = 0x01020304;
    expect(there.bytes.byteOffset).toBe(4);
    expect([there.bytes[4], there.view.getUint8(0), there.buffer[6]]).toEqual([4, 4, 4]);
    for (const part of [there.bytes, there.words, there.view, there.buffer]) {
      expect(part.buffer).toBe(there.memory);
    }
    expect(parts.words[2]).toBe(0);
  });
});
