/**
 * Answers 1, or takes its worker along.
 *
 * @param {boolean} exits
 */
export function exitOrAnswer(exits) {
  if (exits) process.exit(1);
  return 1;
}

export default exitOrAnswer;
