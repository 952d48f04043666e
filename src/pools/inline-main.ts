/**
 * Both ends of the way to main, where that is this thread.
 */
import type { WorkerEvents } from "../dispatch/worker-link.ts";
import { MainClient } from "../wire/main-client.ts";
import { type MainAnswer, notSynchronous } from "../wire/main-messages.ts";
import type { CallsOfWorker, MainCalls } from "./main-calls.ts";

export function inlineMain(
  id: number,
  mainCalls: MainCalls,
  events: WorkerEvents,
): { readonly calls: CallsOfWorker; readonly client: MainClient } {
  let answered: MainAnswer | undefined;
  const calls = mainCalls.of({
    workerId: id,
    sharesMemory: true,
    task: (taskId) => events.task(taskId),
    answer(answer) {
      if (answer.sync) answered = answer;
      else client.answered(clone(answer));
    },
  });
  const client = new MainClient({
    sharesMemory: true,
    post: (message) => calls.handle(clone(message)),
    ask(call) {
      answered = undefined;
      calls.handle(clone(call));
      // It would have to go on while this thread waits for it.
      if (answered === undefined) throw new TypeError(notSynchronous(call.name));
      return clone(answered);
    },
  });
  return { calls, client };
}

function clone<T>(message: T): T {
  return structuredClone(message);
}
