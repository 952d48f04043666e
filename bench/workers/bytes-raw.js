import { parentPort } from "node:worker_threads";
import { length, make, textLength } from "./bytes.js";

const functions = { length, make, textLength };

parentPort.on("message", ({ name, value, moves }) => {
  const result = functions[name](value);
  parentPort.postMessage(result, moves === true ? [result.buffer] : []);
});
