/**
 * For tests of code that uses this library: time that stands still, and gates that hold a task where the test wants it.
 */
import { markOwnExports } from "../core/own-exports.ts";
import { FakeClock } from "./fake-clock.ts";
import { gate, waitAt } from "./gate.ts";

markOwnExports("offloop/testing", { FakeClock, gate, waitAt });

export { FakeClock } from "./fake-clock.ts";
export { type Gate, gate, type GateToken, waitAt } from "./gate.ts";
