/** What a program writes: it imports the function, and hands it on. */
import { ProcessPoolExecutor, runInExecutor, ThreadPoolExecutor } from "offloop";
import { increment } from "./increment.js";

export const inThread = (n, options) =>
  new ThreadPoolExecutor({ maxWorkers: 1, ...options }).submit(increment, [n]);

export const inProcess = (n) => new ProcessPoolExecutor({ maxWorkers: 1 }).submit(increment, [n]);

export const inDefault = (n) => runInExecutor(null, increment, n);
