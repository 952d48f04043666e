/**
 * Answering "not now" while the event loop is overloaded.
 */
export { fastifyShedLoad, type FastifyLike } from "./fastify.ts";
export { type Middleware, shedLoad } from "./middleware.ts";
export type { SheddingOptions } from "./shedding.ts";
