import { ClusterWorker } from "poolifier";
import { increment } from "./increment.js";

export default new ClusterWorker(increment);
