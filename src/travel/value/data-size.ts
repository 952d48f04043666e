/**
 * The size of captured data.
 */
import { types } from "node:util";

/**
 * About how many bytes structured clone will write for plain data: enough to tell kilobytes from megabytes. Stops counting
 * once it is sure.
 */
export function dataSize(value: unknown, limit: number, seen = new Set<unknown>()): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null || seen.has(value)) return 8;
  seen.add(value);
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return value.byteLength;
  const parts: Iterable<unknown> = types.isMap(value)
    ? [...value].flat()
    : types.isSet(value)
      ? value
      : Object.entries(value).flat();
  let bytes = 8;
  for (const part of parts) {
    bytes += dataSize(part, limit - bytes, seen);
    if (bytes > limit) return bytes;
  }
  return bytes;
}
