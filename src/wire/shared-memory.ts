/**
 * Memory that threads share. No process can, and Node's serializer makes a copy of a view of it without a word: what is
 * written there would be lost.
 */
import { types } from "node:util";
import { DefaultSerializer } from "node:v8";

export class SharedMemory extends Error {
  constructor() {
    super("shared memory cannot go to another process");
  }
}

export function isShared(value: object): boolean {
  return types.isSharedArrayBuffer(ArrayBuffer.isView(value) ? value.buffer : value);
}

class ProcessSerializer extends DefaultSerializer {
  // Asked by V8, when it meets one.
  _getSharedArrayBufferId(): never {
    throw new SharedMemory();
  }

  // Of views, too.
  _writeHostObject(object: object): void {
    if (isShared(object)) throw new SharedMemory();
    (DefaultSerializer.prototype as unknown as ProcessSerializer)._writeHostObject.call(this, object);
  }
}

/** As `serialize` of `node:v8`. @throws SharedMemory; what the serializer throws */
export function serializeForProcess(value: unknown): Buffer {
  const serializer = new ProcessSerializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}
