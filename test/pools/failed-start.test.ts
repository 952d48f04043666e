/**
 * What is left of a worker that could not start, and of messages that nobody can take any more.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { passOn } from "#internal/pools/foreign-message";
import { unlinkedFiles } from "#internal/pools/unlinked-files";
import { expect, test, vi } from "vitest";

const fixture = join(import.meta.dirname, "../fixtures/pools/full-disk.mjs");

test.runIf(process.platform === "linux")("a full disk leaves no descriptor open, and no file", async () => {
  const command = `ulimit -f 0; exec "${process.execPath}" "${fixture}"`;
  const { stdout } = await promisify(execFile)("sh", ["-c", command]);
  expect(JSON.parse(stdout)).toMatchObject({ descriptors: 0, files: [] });
});

test("its files are writable, and as long as was asked for", async () => {
  const fds = unlinkedFiles(100);
  const { closeSync, fstatSync } = await import("node:fs");
  for (const fd of fds) {
    expect(fstatSync(fd)).toMatchObject({ size: 100 });
    closeSync(fd);
  }
});

test("a watcher that has closed its channel does not end the program", () => {
  const { send } = process;
  const stub = vi.fn<(...args: unknown[]) => boolean>(() => false);
  process.send = stub as never;
  try {
    passOn({ "watch:import": ["/a.js"] });
    passOn({ mine: 1 });
  } finally {
    if (send === undefined) delete process.send;
    else process.send = send;
  }
  // With a callback the error is its own; without one the process emits it.
  expect(stub.mock.calls).toEqual([[{ "watch:import": ["/a.js"] }, undefined, {}, expect.any(Function)]]);
});
