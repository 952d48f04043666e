import { ThreadWorker } from "poolifier";
import { increment } from "./increment.js";

export default new ThreadWorker(increment);
