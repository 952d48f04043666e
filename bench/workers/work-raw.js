import { parentPort } from "node:worker_threads";
import { work } from "./work.js";

parentPort.on("message", (frame) => parentPort.postMessage(frame.map(work)));
