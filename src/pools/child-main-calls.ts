/**
 * The calls for which a child process blocks, on a pipe of their own.
 */
import type { Socket } from "node:net";
import type { MainAnswer, MainCall } from "../wire/main-messages.ts";
import { syncFrame, SyncFrames } from "../wire/sync-frames.ts";

export class ChildMainCalls {
  readonly #pipe: Socket | undefined;

  /** `pipe`: undefined of a child that could not be started. */
  constructor(pipe: Socket | undefined, received: (call: MainCall) => void) {
    this.#pipe = pipe;
    if (pipe === undefined) return;
    pipe.unref();
    const frames = new SyncFrames();
    pipe.on("data", (piece: Buffer) => {
      for (const call of frames.add(piece)) received(call);
    });
    // The child is gone, and its exit tells.
    pipe.on("error", () => {});
  }

  answer(answer: MainAnswer): void {
    this.#pipe?.write(syncFrame(answer));
  }

  close(): void {
    this.#pipe?.destroy();
  }
}
