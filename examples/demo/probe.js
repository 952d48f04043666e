/**
 * Asks a route at a steady rate and tells how long each answer took.
 *
 * A client that waits for an answer before it asks again measures a stalled server too kindly: while the server stands still
 * it asks nothing, so a stall of half a second becomes one slow sample instead of fifty (*coordinated omission*). Here the
 * clock decides:
 *
 * 1. Request n is due at start + n / rate, whatever became of the requests before it, on a connection of its own.
 * 2. Its latency counts from when it was due, not from when it was sent. If this process is late, or waits for a free
 *    connection, that counts against the server: the numbers are never too good.
 * 3. Every request counts. Those that are still open at the end are waited for.
 *
 * The connections are opened before the load begins, as those of a proxy in front of the server would be. A stalled server
 * would look far worse with new ones: its loop accepts only one in each turn.
 */
import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

// Enough for stalls of three seconds at the rate of the demo. With too few, requests would queue up here, stall after stall.
const CONNECTIONS = 500;

export class Probe {
  #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, maxFreeSockets: CONNECTIONS });
  #url;

  constructor(url) {
    this.#url = url;
  }

  /** Opens the connections: as many requests at once. */
  async open(path) {
    await Promise.all(Array.from({ length: CONNECTIONS }, () => this.ask(path)));
  }

  /** Resolves when all requests are sent: to a promise of the latency, in milliseconds, of each. */
  async send(path, { perSecond, seconds }) {
    const latencies = [];
    const startedAt = performance.now();
    for (let n = 0; n < perSecond * seconds; n++) {
      const due = startedAt + (n * 1000) / perSecond;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      latencies.push(this.#latency(path, due));
    }
    return latencies;
  }

  /** The body of the answer, once all of it is there. */
  ask(path) {
    return new Promise((resolve, reject) => {
      const request = get(this.#url + path, { agent: this.#agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`));
        let body = "";
        response.setEncoding("utf8").on("data", (text) => (body += text));
        response.on("error", reject).on("end", () => resolve(body));
      });
      request.on("error", reject);
    });
  }

  async #latency(path, due) {
    // A timer may also be a fraction of a millisecond early.
    const from = Math.min(due, performance.now());
    await this.ask(path);
    return performance.now() - from;
  }
}
