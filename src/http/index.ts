/**
 * Answering "not now" while the event loop is overloaded.
 */
import { markOwnExports } from "../core/own-exports.ts";
import { fastifyShedLoad } from "./fastify.ts";
import { shedLoad } from "./middleware.ts";

markOwnExports("offloop/http", { fastifyShedLoad, shedLoad });

export { fastifyShedLoad, type FastifyLike } from "./fastify.ts";
export { type Middleware, shedLoad } from "./middleware.ts";
export type { SheddingOptions } from "./shedding.ts";
