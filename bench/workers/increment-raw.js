import { parentPort } from "node:worker_threads";
import { increment } from "./increment.js";

parentPort.on("message", (n) => parentPort.postMessage(increment(n)));
