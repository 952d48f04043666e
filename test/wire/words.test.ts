import { FILE_WORDS_BYTES, FileWords } from "#internal/wire/file-words";
import { SharedWords, type Words } from "#internal/wire/words";
import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "offloop-words-"));
const opened: number[] = [];
afterAll(() => {
  for (const fd of opened) closeSync(fd);
  rmSync(folder, { recursive: true });
});

function unlinkedFile(): number {
  const file = join(folder, String(opened.length));
  const fd = openSync(file, "wx+");
  unlinkSync(file);
  writeSync(fd, Buffer.alloc(FILE_WORDS_BYTES));
  opened.push(fd);
  return fd;
}

/** Both sides of a pair that share their words. */
const KINDS: Readonly<Record<string, () => readonly [main: Words, worker: Words]>> = {
  SharedWords: () => {
    const main = new SharedWords();
    return [main, new SharedWords(main.buffer)];
  },
  FileWords: () => {
    const fd = unlinkedFile();
    return [new FileWords(fd), new FileWords(fd)];
  },
};

const WRITES = ["look", "requestStop", "load"] as const;
const READS = ["hasLooked", "stopRequested", "isLoading"] as const;

describe.each(Object.entries(KINDS))("%s", (_name, pair) => {
  test("hold nothing at first", () => {
    const [main, worker] = pair();
    expect(READS.some((read) => main[read](1) || worker[read](1))).toBe(false);
    expect([main.claimed, main.sent, main.startedAt]).toEqual([0, 0, 0]);
  });

  test.each(WRITES.map((write, index) => [write, index] as const))(
    "%s is seen on both sides, and by its own question only",
    (write, index) => {
      const [main, worker] = pair();
      worker[write](7);
      for (const words of [main, worker]) {
        expect(READS.map((read) => words[read](7))).toEqual(READS.map((_, at) => at === index));
        expect(words[READS[index]!](8)).toBe(false);
      }
    },
  );

  test("each word is its own, in any order of writing", () => {
    const [main, worker] = pair();
    worker.load(5);
    main.requestStop(4);
    worker.look(3);
    worker.claim(0, 1234.5);
    worker.claim(1, 1235.5);
    worker.leave(1);
    for (const words of [main, worker]) {
      expect([words.isLoading(5), words.stopRequested(4), words.hasLooked(3)]).toEqual([true, true, true]);
      expect([words.claimed, words.sent, words.startedAt]).toEqual([2, 1, 1235.5]);
    }
  });

  test("the last writing counts", () => {
    const [main, worker] = pair();
    for (const id of [1, 2, 3]) worker.look(id);
    expect([1, 2, 3].map((id) => main.hasLooked(id))).toEqual([false, false, true]);
  });

  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER])(
    "an id of %d is found again",
    (id) => {
      const [main, worker] = pair();
      worker.look(id);
      expect(main.hasLooked(id)).toBe(true);
      expect(main.hasLooked(id - 1)).toBe(false);
    },
  );
});

describe.each(Object.entries(KINDS))("calls, by %s", (_name, pair) => {
  test("that were taken back are not claimed; those sent later are", () => {
    const [main, worker] = pair();
    expect(worker.claim(0, 1)).toBe(true);
    expect(main.takeBack(3)).toBe(1);
    expect(main.claimed).toBe(3);
    expect([1, 2, 3].map((seq) => worker.claim(seq, 2))).toEqual([false, false, true]);
    expect([main.claimed, main.takeBack(4)]).toEqual([4, 4]);
  });

  test("are taken back again before the worker has passed over those that were", () => {
    const [main, worker] = pair();
    expect(worker.claim(0, 1)).toBe(true);
    expect([main.takeBack(3), main.takeBack(5)]).toEqual([1, 3]);
    expect(worker.claim(1, 1)).toBe(false);
    expect([main.takeBack(6), main.claimed]).toEqual([5, 6]);
    expect([2, 3, 4, 5, 6].map((seq) => worker.claim(seq, 2))).toEqual([false, false, false, false, true]);
    expect(main.claimed).toBe(7);
  });
});

test("calls of a child are not mistaken for those that were taken back when the numbers come round", () => {
  const fd = unlinkedFile();
  const [main, worker] = [new FileWords(fd), new FileWords(fd)];
  expect([main.takeBack(3), worker.claim(2, 1)]).toEqual([0, false]);
  for (let turn = 1; turn <= 8; turn++) {
    const seq = (turn * 2 ** 29) | 0;
    main.age(seq);
    expect([worker.claim(seq, 1), main.claimed]).toEqual([true, (seq + 1) | 0]);
  }
  expect([1, 2].map((seq) => worker.claim(seq, 1))).toEqual([true, true]);
});

describe("waking a thread", () => {
  test("a wake-up after the count was read is not slept through", () => {
    const main = new SharedWords();
    const worker = new SharedWords(main.buffer);
    const seen = worker.wakeCount();
    main.wake();
    expect(worker.sleep(seen, 10_000)).toBe(true);
  });

  test("without one the sleep ends when its time is up", () => {
    const worker = new SharedWords();
    expect(worker.sleep(worker.wakeCount(), 1)).toBe(false);
  });
});

describe("words of a file that was closed", () => {
  test("throw, instead of using what has that number by now", () => {
    const file = join(folder, "closed");
    const words = new FileWords(openSync(file, "wx+"));
    words.claim(0, 1);
    words.close();
    expect(() => words.claimed).toThrow();
    expect(() => words.claim(1, 2)).toThrow();
  });
});
