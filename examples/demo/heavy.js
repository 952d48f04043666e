/**
 * The heavy functions of the service. Each is wrapped where it is defined, at the top level of a module of its own: a worker
 * imports this module, and only this one, so keep out of it what only the server needs.
 *
 * They are synchronous on purpose, as a parser, a template or a price calculation of yours would be. (Node has asynchronous
 * versions of scrypt and Brotli; those share four threads with all file and DNS access of the process.)
 */
import { randomBytes, scryptSync } from "node:crypto";
import { brotliCompressSync, constants } from "node:zlib";
import { marked } from "marked";
import { threaded } from "offloop";

/** A salted password hash. N = 16384 is what Node uses unless told otherwise, written down because it is the cost. */
export const hash = threaded(function hash(password) {
  const salt = randomBytes(16);
  const key = scryptSync(password, salt, 64, { N: 16_384 });
  return `${salt.toString("hex")}:${key.toString("hex")}`;
});

/** Quality 5 is of the size that servers use for pages made on the fly; 11, the default, would take seconds for 1 MB. */
export const compress = threaded(function compress(text) {
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
});

export const render = threaded(function render(markdown) {
  return marked.parse(markdown);
});
