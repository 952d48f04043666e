/** So much work that it takes the same CPU time wherever it runs: a wall clock would call a worker fast that waits for its CPU. */
export function work(steps) {
  let state = 1;
  for (let step = 0; step < steps; step++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
}

export default work;
