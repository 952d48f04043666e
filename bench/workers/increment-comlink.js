import { parentPort } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { increment } from "./increment.js";

expose(increment, nodeEndpoint(parentPort));
