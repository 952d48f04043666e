import { FileWords } from "#internal/wire/file-words";
import { SharedWords, type Words } from "#internal/wire/words";
import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync } from "node:fs";
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

describe("calls", () => {
  test("of a thread that were taken back are not claimed; those sent later are", () => {
    const main = new SharedWords();
    const worker = new SharedWords(main.buffer);
    expect(worker.claim(0, 1)).toBe("mine");
    expect(main.takeBack(3)).toBe(1);
    expect([1, 2, 3].map((seq) => worker.claim(seq, 2))).toEqual(["taken", "taken", "mine"]);
    expect(main.takeBack(4)).toBe(4);
  });

  test("of a child stay there, and one that was dropped in time does not run", () => {
    const fd = unlinkedFile();
    const [main, worker] = [new FileWords(fd), new FileWords(fd)];
    expect(main.takeBack()).toBeUndefined();
    main.drop(1);
    expect(worker.claim(0, 10)).toBe("mine");
    expect(worker.claim(1, 10.01)).toBe("dropped");
    main.drop(2);
    // It reads the table a tenth of a millisecond later.
    expect(worker.claim(2, 10.05)).toBe("mine");
    main.drop(3);
    expect(worker.claim(3, 10.2)).toBe("dropped");
    // The place of 1 is that of 257, and not taken for it.
    expect(worker.claim(257, 11)).toBe("mine");
  });
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
