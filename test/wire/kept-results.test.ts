import { FILE_WORDS_BYTES, FileWords } from "#internal/wire/file-words";
import { KeptResults } from "#internal/wire/kept-results";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

describe("a kept result", () => {
  test.each([undefined, null, true, false, 0, -0, NaN, 1.5, -Infinity, "", "x", "\ud800", "é".repeat(32)])(
    "is read as it was: %j",
    (value) => {
      const buffer = new SharedArrayBuffer(8 + KeptResults.bytes(4));
      const [worker, main] = [new KeptResults(buffer, 8, 4), new KeptResults(buffer, 8, 4)];
      for (const seq of [0, 7, -1, 2 ** 31 - 1]) {
        expect(main.read(seq)).toBeUndefined();
        expect(worker.keep(seq, 12.5, 0.25, value)).toBe(true);
        expect(main.read(seq)).toEqual({ startedAt: 12.5, runMs: 0.25, value });
        expect(main.read(seq + 4)).toBeUndefined();
      }
    },
  );

  test.each([[10n], [Symbol("none")], [{}], [() => {}], ["x".repeat(33)]])("is not one of %s", (value) => {
    const kept = new KeptResults(new ArrayBuffer(KeptResults.bytes(4)), 0, 4);
    expect(kept.keep(0, 1, 1, value)).toBe(false);
    expect(kept.read(0)).toBeUndefined();
  });

  test("of a child is there when the next call has begun, until there is no room for more", () => {
    const folder = mkdtempSync(join(tmpdir(), "offloop-kept-"));
    const fd = openSync(join(folder, "words"), "wx+");
    writeSync(fd, Buffer.alloc(FILE_WORDS_BYTES));
    const [main, worker] = [new FileWords(fd), new FileWords(fd)];
    const seqs = Array.from({ length: 64 }, (_, seq) => seq);
    for (const seq of seqs) {
      expect(worker.claim(seq, seq)).toBe(true);
      expect(main.kept(seq - 1)?.value).toBe(seq === 0 ? undefined : seq * 3 - 3);
      expect(worker.keep(seq, seq, 0.5, seq * 3)).toBe(true);
    }
    expect(worker.keep(64, 64, 0.5, 0)).toBe(false);
    expect(main.kept(63)).toBeUndefined();
    worker.claim(64, 64);
    expect(seqs.map((seq) => main.kept(seq)?.value)).toEqual(seqs.map((seq) => seq * 3));
    worker.leave(64);
    expect(worker.keep(64, 64, 0.5, "next")).toBe(true);
    worker.claim(65, 65);
    expect([main.kept(0), main.kept(64)?.value, main.startedAt, main.claimed]).toEqual([
      undefined,
      "next",
      65,
      66,
    ]);
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
});
