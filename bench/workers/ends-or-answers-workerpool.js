import workerpool from "workerpool";
import { endOrAnswer } from "./ends-or-answers.js";

workerpool.worker({ endOrAnswer });
