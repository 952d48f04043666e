/** One function for each way to a worker, all of the same work. */
import { threaded } from "offloop";

export function exported(n) {
  return n + 1;
}

export const wrapped = threaded((n) => n + 1);

const one = 1;
const nothing = () => (n) => n + 1;
const constants = () => (n) => n + one;

/** What is captured is constant, so it is captured once. No module exports these: there is no other way. */
const capturesNothing = nothing();
const capturesConstants = constants();

/** A list that may change, so its holder is captured for each call. */
const list = [1, 2, 3];
const capturesData = (n) => n + list[0];

export const capturing = {
  nothing: () => capturesNothing,
  constants: () => capturesConstants,
  data: () => capturesData,
};

/** Another function each time. */
export const fresh = () => {
  const local = 1;
  return (n) => n + local;
};
