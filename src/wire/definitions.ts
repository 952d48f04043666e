/**
 * Definitions of functions on their way to a process. What a function captured arrives exactly: views of one memory stay views of
 * one memory, which Node's own serializer makes copies of. And what only threads can share is refused in words, instead of
 * being copied without one.
 */
import { Deserializer, Serializer } from "node:v8";
import { TravelError } from "../core/errors.ts";
import type { FunctionDefinition } from "./messages.ts";
import { SharedMemory } from "./shared-memory.ts";

class DefinitionSerializer extends Serializer {
  // Asked by V8, when it meets one.
  _getSharedArrayBufferId(): never {
    throw new SharedMemory();
  }
}

/** @throws TravelError */
export function sealDefinitions(definitions: readonly FunctionDefinition[]): Uint8Array {
  const serializer = new DefinitionSerializer();
  serializer.writeHeader();
  serializer.writeValue(definitions.length);
  for (const definition of definitions) {
    try {
      serializer.writeValue(definition);
    } catch (cause) {
      throw new TravelError("live-object", definition.name, reasonOf(cause));
    }
  }
  return serializer.releaseBuffer();
}

function reasonOf(cause: unknown): string {
  return cause instanceof SharedMemory
    ? "it captures a SharedArrayBuffer, which only threads can share. Use a ThreadPoolExecutor, or pass a copy."
    : `what it captures cannot be copied to a process: ${String(cause)}`;
}

/** @throws what V8 throws for bytes that it cannot read */
export function openDefinitions(bytes: Uint8Array): FunctionDefinition[] {
  const deserializer = new Deserializer(bytes);
  deserializer.readHeader();
  const count = deserializer.readValue() as number;
  return Array.from({ length: count }, () => deserializer.readValue() as FunctionDefinition);
}
