import { ThreadWorker } from "poolifier";
import { spin } from "./spin.js";

export default new ThreadWorker(spin);
