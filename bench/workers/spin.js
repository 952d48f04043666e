/** Works for so many milliseconds. As each pool wants it. */
export function spin(ms) {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return ms;
}

export default spin;
