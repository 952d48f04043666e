/**
 * Whether the inspector may be used here, asked before it is used: a worker that connects to the main thread without the
 * permission ends the process with a failed check of Node's, on every version.
 */
import type * as inspectorModule from "node:inspector";

/** Why there can be no stacks. Undefined: there can. */
export function inspectorRefusal(): string | undefined {
  // The types know no process without the permission model.
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  if (permission !== undefined && !permission.has("inspector")) {
    return "the permission model denies the inspector; start Node with --allow-inspector where it has that";
  }
  return inspector() === undefined ? "this Node was built without the inspector" : undefined;
}

/** A debugger may be attached, so a stall may be somebody who thinks. */
export function isDebugged(): boolean {
  return inspector()?.url() !== undefined;
}

function inspector(): typeof inspectorModule | undefined {
  return process.getBuiltinModule("node:inspector");
}
