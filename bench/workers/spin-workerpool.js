import workerpool from "workerpool";
import { spin } from "./spin.js";

workerpool.worker({ spin });
