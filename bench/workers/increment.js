/** The least that a call can do, as each pool wants it. */
export function increment(n) {
  return n + 1;
}

export default increment;
