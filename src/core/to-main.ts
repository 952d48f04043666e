/**
 * The way from a worker to main, for what tasks tell and ask.
 */
import { sharedInRealm } from "./realm.ts";

export interface ToMain {
  /** Runs an exposed function there. @throws what that throws, as a rejection */
  call(taskId: number, name: string, args: readonly unknown[]): Promise<unknown>;
  /** The same, blocking this thread. */
  callSync(taskId: number, name: string, args: readonly unknown[]): unknown;
  /** @throws SerializationError */
  report(taskId: number, value: unknown): void;
}

/** That of this realm, if it is a worker's. */
export const toMain = sharedInRealm<{ here: ToMain | undefined }>("to-main", () => ({ here: undefined }));
