/**
 * Ways to block the event loop, each in a function of its own. Each takes some tenths of a second.
 */
import { execSync } from "node:child_process";
import { pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";

const text = `[${'{"id":1,"name":"one","tags":["a","b"]},'.repeat(500_000)}{"id":0}]`;

export function parseBigText() {
  const rows = JSON.parse(text);
  return rows.map(({ id }) => id).length;
}

export function matchBadPattern() {
  const end = performance.now() + 400;
  for (let length = 20; performance.now() < end; length++) /^(a+)+$/.test(`${"a".repeat(length)}b`);
}

export function readManyFiles() {
  const end = performance.now() + 400;
  while (performance.now() < end) readFileSync(import.meta.filename ?? new URL(import.meta.url));
}

export function runCommand() {
  execSync("sleep 0.4");
}

export function deriveKey() {
  const before = process.cpuUsage();
  pbkdf2Sync("secret", "salt", 10_000, 64, "sha512");
  const { user, system } = process.cpuUsage(before); // the clock says too much on a busy machine
  return pbkdf2Sync("secret", "salt", Math.ceil((400_000 * 10_000) / (user + system)), 64, "sha512");
}

/** Promises that settle each other: the loop waits until the last of them. */
export async function chainPromises() {
  const end = performance.now() + 400;
  while (performance.now() < end) await Promise.resolve("cached");
}

export function floodTicks(end = performance.now() + 400) {
  if (performance.now() < end) process.nextTick(floodTicks, end);
}

export function sortRows() {
  const rows = Array.from({ length: 200_000 }, () => ({ rank: Math.random() }));
  return rows.sort((a, b) => a.rank - b.rank);
}

/** Most of what it makes lives long enough to be moved by the collector. */
export function churnGarbage() {
  const end = performance.now() + 600;
  const kept = [];
  while (performance.now() < end) {
    kept.push(Array.from({ length: 50_000 }, (_, n) => ({ n })));
    if (kept.length > 20) kept.length = 0;
  }
}

/** Longer than a second: it is told while it lasts. */
export function countPrimes() {
  const end = performance.now() + 1_500;
  let primes = 0;
  for (let n = 2; performance.now() < end; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) primes++;
  }
  return primes;
}
