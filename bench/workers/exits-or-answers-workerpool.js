import workerpool from "workerpool";
import { exitOrAnswer } from "./exits-or-answers.js";

workerpool.worker({ exitOrAnswer });
