import workerpool from "workerpool";
import { increment } from "./increment.js";

workerpool.worker({ increment });
