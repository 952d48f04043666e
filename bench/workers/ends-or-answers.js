/**
 * Answers 1, or takes its worker along: by its own exit, by a signal, which no handler sees, or by a loop for which it has to be ended.
 * The loop says that it has begun.
 *
 * @param {{ how: "answer" | "exit" | "kill" | "loop", begun?: SharedArrayBuffer }} request
 */
export function endOrAnswer({ how, begun }) {
  if (how === "exit") process.exit(1);
  if (how === "kill") {
    process.kill(process.pid, "SIGKILL");
    // It has not come yet where this thread goes on.
    for (;;);
  }
  if (how === "loop") {
    Atomics.store(new Int32Array(begun), 0, 1);
    for (;;);
  }
  return 1;
}

export default endOrAnswer;
