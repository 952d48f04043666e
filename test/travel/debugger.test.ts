import path from "node:path";
import { expect, test } from "vitest";
import { app, expectSame } from "./app.ts";
import { fixtures, node } from "./programs.ts";

test("as a program like any other", async () => {
  expectSame(await node(["--no-warnings", "main.js"], { cwd: app() }));
});

test("with --inspect", async () => {
  expectSame(await node(["--no-warnings", "--inspect=127.0.0.1:0", "main.js"], { cwd: app() }));
});

test("under an attached debugger", async () => {
  const client = path.join(fixtures, "debugger-client.mjs");
  const webSocket = typeof WebSocket === "undefined" ? ["--experimental-websocket"] : [];
  const ended = await node([...webSocket, "--no-warnings", client, "--no-warnings", "main.js"], {
    cwd: app(),
  });
  expectSame(ended);
  // Once at its first line: it was attached all the time, and nothing of ours paused it.
  expect(ended.stderr).toMatch(/^pauses: 1$/m);
});

test("in a worker thread of the user's own", async () => {
  const folder = app({
    "start.js": 'import { Worker } from "node:worker_threads"; new Worker("./main.js");',
  });
  expectSame(await node(["--no-warnings", "start.js"], { cwd: folder }));
});
