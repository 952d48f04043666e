import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { watchLoop } from "offloop";
import { fastifyShedLoad, shedLoad } from "offloop/http";
import { FakeClock } from "offloop/testing";
import { describe, expect, test } from "vitest";

async function ask(url: string): Promise<{ status: number; retryAfter: string | null; text: string }> {
  const response = await fetch(url, { headers: { connection: "close" } });
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    text: await response.text(),
  };
}

/** Turns of 10 ms: on a clock of one's own nothing is idle. */
async function calm(clock: FakeClock): Promise<void> {
  for (let n = 0; n < 120; n++) await clock.advance(10);
}

describe("middleware", () => {
  test("refuses while the loop is behind, lets the exempt through, and recovers", async () => {
    const clock = new FakeClock();
    await using monitor = watchLoop({ clock });
    const shed = shedLoad({ monitor, maxLagMs: 100, exempt: ({ url }) => url === "/health" });
    const server = createServer((request, response) => shed(request, response, () => response.end("served")));
    await once(server.listen(0), "listening");
    const url = `http://localhost:${(server.address() as AddressInfo).port}`;
    try {
      expect(await ask(url)).toEqual({ status: 200, retryAfter: null, text: "served" });
      await clock.advance(500);
      expect(await ask(url)).toMatchObject({ status: 503, retryAfter: "1" });
      expect(await ask(`${url}/health`)).toMatchObject({ status: 200, text: "served" });
      await calm(clock);
      expect(await ask(url)).toMatchObject({ status: 200 });
    } finally {
      server.close();
    }
  });

  test.each([
    [{}, TypeError],
    [{ maxLag: 5 }, TypeError],
    [{ maxLagMs: -5 }, RangeError],
    [{ maxLagMs: 5, exempt: "/health" }, TypeError],
    [{ maxLagMs: 5, monitor: {} }, TypeError],
    [undefined, TypeError],
  ])("%j is refused at once", (options, kind) => {
    expect(() => shedLoad(options as never)).toThrow(kind);
  });
});

describe("Fastify", () => {
  test("every route is behind it, also those registered outside of the plugin's scope", async () => {
    const clock = new FakeClock();
    await using monitor = watchLoop({ clock });
    const app = fastify();
    await app.register(fastifyShedLoad, {
      monitor,
      maxUtilization: 1,
      maxLagMs: 100,
      exempt: ({ raw }) => raw.url === "/health",
    });
    app.get("/", () => "served");
    app.get("/health", () => "well");
    expect(await app.inject("/")).toMatchObject({ statusCode: 200, payload: "served" });
    await clock.advance(500);
    const refused = await app.inject("/");
    expect(refused.statusCode).toBe(503);
    expect(refused.headers["retry-after"]).toBe("1");
    expect(refused.json()).toMatchObject({ statusCode: 503, error: "Service Unavailable" });
    expect(await app.inject("/health")).toMatchObject({ statusCode: 200 });
    await calm(clock);
    expect(await app.inject("/")).toMatchObject({ statusCode: 200 });
    await app.close();
    // Not its own: it goes on.
    expect(monitor.pressure({ maxLagMs: 100 }).overloaded).toBe(false);
  });

  test("bad options fail the registration", async () => {
    const app = fastify();
    app.register(fastifyShedLoad, { maxLag: 5 } as never);
    await expect(app.ready()).rejects.toThrow(/"maxLag"/);
    await app.close();
  });
});
