import { SerializationError } from "#internal/core/errors";
import { decodeError, type WireError } from "#internal/wire/error-codec";
import { ResultKind } from "#internal/wire/messages";
import { failed, instead, type Outcome, received, succeeded, uncloneable } from "#internal/wire/results";
import { transfer } from "#internal/wire/transfer";
import { describe, expect, test } from "vitest";

/** What a caller gets: the outcome through structured clone, or what is sent in its place. */
function arrived(outcome: Outcome): unknown {
  try {
    const value = structuredClone(outcome.value, { transfer: [...(outcome.transfer ?? [])] as never });
    return outcome.kind === ResultKind.error
      ? decodeError(value as WireError, { where: "here", findClass: () => undefined })
      : received(outcome.kind, value);
  } catch (refusal) {
    return arrived(instead(outcome, refusal));
  }
}

describe("results", () => {
  test.each([1, "text", null, undefined, { a: [1] }, new Map([[1, 2]]), 10n])("%o arrives", (value) => {
    expect(arrived(succeeded(value))).toEqual(value);
  });

  test("a Buffer arrives as one, without the memory around it", () => {
    const buffer = arrived(succeeded(Buffer.from("pooled"))) as Buffer;
    expect(Buffer.isBuffer(buffer) && String(buffer)).toBe("pooled");
    expect(buffer.buffer.byteLength).toBe(6);
    expect(Buffer.isBuffer(arrived(succeeded(new Uint8Array(2))))).toBe(false);
  });

  test("what was marked moves", () => {
    const bytes = new Uint8Array(8);
    const moved = arrived(succeeded(transfer({ bytes }, [bytes.buffer]))) as { bytes: Uint8Array };
    expect([moved.bytes.length, bytes.length]).toEqual([8, 0]);
  });

  test("an error arrives as an error", () => {
    const error = arrived(failed(new RangeError("no"))) as RangeError;
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe("no");
  });

  test("what cannot be copied is told with its path", () => {
    const error = arrived(succeeded({ rows: [1, { open: () => {} }] })) as SerializationError;
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ direction: "result", path: "result.rows[1].open" });
    expect(error.cause).toBeInstanceOf(DOMException);
  });

  test("an error that does not clone on its way arrives as text", () => {
    const outcome: Outcome = { ...failed(new TypeError("no")) };
    const spoiled = { ...outcome, value: { ...(outcome.value as object), fields: [["odd", () => {}]] } };
    const error = arrived(spoiled) as TypeError;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe("no");
  });

  test("a thrown value that does not clone on its way is described", () => {
    const outcome: Outcome = {
      kind: ResultKind.error,
      value: { kind: "value", value: Symbol("s") },
      transfer: undefined,
    };
    expect(arrived(outcome)).toMatchObject({ name: "SerializationError", direction: "error" });
  });

  test("what is refused without a visible reason names the whole", () => {
    const cause = new Error("refused");
    const error = uncloneable("argument", [1, 2], "args", cause);
    expect(error).toMatchObject({ direction: "argument", path: "args", cause });
  });
});
