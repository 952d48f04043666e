import { parentPort } from "node:worker_threads";
import { increment } from "./increment.js";

if (parentPort !== null) parentPort.on("message", (frame) => parentPort.postMessage(frame.map(increment)));
else process.on("message", (frame) => process.send(frame.map(increment)));
