/** One function for each way to a worker, all of the same work. */
import { threaded } from "offloop";

export function exported(n) {
  return n + 1;
}

export const wrapped = threaded((n) => n + 1);

const one = 1;
const nothing = () => (n) => n + 1;
const constants = () => (n) => n + one;

/** What is captured is constant, so it is captured once. */
export const captured = { nothing: nothing(), constants: constants() };

/** A list that may change, so its holder is captured for each call. */
const list = [1, 2, 3];
export const withData = (n) => n + list[0];

/** Another function each time. */
export const fresh = () => {
  const local = 1;
  return (n) => n + local;
};
