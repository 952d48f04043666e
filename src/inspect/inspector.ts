/**
 * V8's inspector, in this process and synchronous: `post` answers before it returns. A connected session costs nothing; an
 * enabled Debugger domain makes async functions 6 to 15 times slower, so it is never left enabled.
 */
import type * as inspectorModule from "node:inspector";

type Inspector = typeof inspectorModule;

/** The inspector cannot be used in this process. */
export class NoInspector extends Error {}

// The slot hands an object to the inspector and back. It sits on a core module, not on globalThis, which is another object
// in the realms of test runners.
const SLOT = Symbol.for("offloop.slot");
const READ_SLOT = `process.getBuiltinModule("node:inspector")[Symbol.for("offloop.slot")]`;
const FILL_SLOT = `function () { ${READ_SLOT} = this }`;

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

/** Runs `read` with the inspector's id of a value, and frees what it held. */
export function withRemote<T>(value: unknown, read: (objectId: string) => T): T {
  const slots = connect().inspector as unknown as Record<symbol, unknown>;
  slots[SLOT] = value;
  try {
    const expression = { expression: READ_SLOT, objectGroup: GROUP, silent: true };
    const { result } = post<{ result: { objectId: string } }>("Runtime.evaluate", expression);
    return read(result.objectId);
  } finally {
    slots[SLOT] = undefined;
    post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
  }
}

/** The value itself behind a remote object. */
export function readRemote(objectId: string): unknown {
  const slots = connect().inspector as unknown as Record<symbol, unknown>;
  post("Runtime.callFunctionOn", { objectId, functionDeclaration: FILL_SLOT, silent: true });
  const value = slots[SLOT];
  slots[SLOT] = undefined;
  return value;
}
