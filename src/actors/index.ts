/**
 * Objects that live in a worker of their own: state off the loop.
 */
import { markOwnExports } from "../core/own-exports.ts";
import { proxy } from "./proxy.ts";
import { spawnActor } from "./spawn-actor.ts";

markOwnExports("offloop/actors", { proxy, spawnActor });

export { proxy } from "./proxy.ts";
export { spawnActor } from "./spawn-actor.ts";

export type { ActorOptions } from "./options.ts";
export type { ActorClass, ActorRemote, RemoteMethod } from "./spawn-actor.ts";
