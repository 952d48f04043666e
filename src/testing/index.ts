/**
 * For tests of code that uses this library: time that stands still, and gates that hold a task where the test wants it.
 */
export { FakeClock } from "./fake-clock.ts";
export { type Gate, gate, type GateToken, waitAt } from "./gate.ts";
