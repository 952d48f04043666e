import { threaded } from "offloop";

/** The least that a call can do, wrapped where it is exported: a worker that imports it imports offloop, too. */
export const increment = threaded(function increment(n) {
  return n + 1;
});
