/**
 * V8's inspector, in this process and synchronous: `post` answers before it returns. A connected session costs nothing; an
 * enabled Debugger domain makes async functions 6 to 15 times slower, so it is never left enabled.
 */
import type * as inspectorModule from "node:inspector";

type Inspector = typeof inspectorModule;

/** The inspector cannot be used in this process. */
export class NoInspector extends Error {}

/** Hands an object to the inspector and back. */
interface Slot {
  given: unknown;
  taken: unknown;
}

// On a core module, not on globalThis, which is another object in the realms of test runners.
const SLOT = Symbol.for("offloop.slot");
const READ_SLOT = `process.getBuiltinModule("node:inspector")[Symbol.for("offloop.slot")]`;
const GIVE = "function () { return this.given }";
const TAKE = `function () { ${READ_SLOT}.taken = this }`;

let connection: { readonly inspector: Inspector; readonly session: inspectorModule.Session } | undefined;

function connect(): NonNullable<typeof connection> {
  if (connection !== undefined) return connection;
  // Loaded late: a program whose functions are all wrapped or built in never needs it.
  const inspector = process.getBuiltinModule("node:inspector") as Inspector | undefined;
  if (inspector === undefined) throw new NoInspector("this Node was built without the inspector");
  const session = new inspector.Session();
  try {
    session.connect();
  } catch (error) {
    throw new NoInspector("the permission model denies the inspector; start Node with --allow-inspector", {
      cause: error,
    });
  }
  return (connection = { inspector, session });
}

export function post<Result>(method: string, parameters: object = {}): Result {
  let answer: { error: Error | null; result: unknown } | undefined;
  connect().session.post(method, parameters, (error, result) => (answer = { error, result }));
  if (answer === undefined) throw new Error(`The inspector did not answer ${method}`);
  if (answer.error !== null) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result as Result;
}

/** Calls `collect` for each event while `run` runs. */
export function during(event: string, collect: (parameters: never) => void, run: () => void): void {
  const { session } = connect();
  const listener = ({ params }: { params: never }): void => collect(params);
  session.on(event, listener);
  try {
    run();
  } finally {
    session.off(event, listener);
  }
}

const GROUP = "offloop";

let slotId: string | undefined;

/** {@link withRemote} must look for its slot again: disabling the Runtime domain forgets all objects. */
export function remotesAreGone(): void {
  slotId = undefined;
}

function slot(): Slot {
  const slots = connect().inspector as unknown as Record<symbol, Slot | undefined>;
  return (slots[SLOT] ??= { given: undefined, taken: undefined });
}

/** Runs `read` with the inspector's id of a value, and frees what it held. */
export function withRemote<T>(value: unknown, read: (objectId: string) => T): T {
  const handing = slot();
  handing.given = value;
  try {
    slotId ??= post<Evaluated>("Runtime.evaluate", { expression: READ_SLOT, silent: true }).result.objectId;
    const call = { objectId: slotId, functionDeclaration: GIVE, objectGroup: GROUP, silent: true };
    return read(post<Evaluated>("Runtime.callFunctionOn", call).result.objectId);
  } finally {
    handing.given = undefined;
    post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
  }
}

interface Evaluated {
  readonly result: { readonly objectId: string };
}

/** The value itself behind a remote object. */
export function readRemote(objectId: string): unknown {
  post("Runtime.callFunctionOn", { objectId, functionDeclaration: TAKE, silent: true });
  const handing = slot();
  const value = handing.taken;
  handing.taken = undefined;
  return value;
}
