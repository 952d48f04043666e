/**
 * Real texts to work on: what the installed packages bring along. Read in the order of their names, so every run on the same
 * installation works on the same bytes.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../../node_modules/", import.meta.url));

/** Documents first; code is there in case they are not enough. */
const kinds = [/^readme\.md$/i, /^(changelog|history|licen[sc]e)(\.|$)/i, /\.[cm]?js$/i];

/** The READMEs of the installed packages, one after the other, as Markdown. */
export function readmes(bytes) {
  return collect(kinds.slice(0, 1), bytes).toString("utf8");
}

/** A text of so many bytes. */
export function longText(bytes) {
  return collect(kinds, bytes);
}

function collect(wanted, bytes) {
  const parts = [];
  let size = 0;
  for (const file of files(wanted)) {
    if (size >= bytes) break;
    const part = readFileSync(packages + file);
    parts.push(part);
    size += part.length;
  }
  return Buffer.concat(parts).subarray(0, bytes);
}

function files(wanted) {
  const folders = readdirSync(packages).sort();
  const all = folders
    .filter((folder) => !folder.startsWith(".") && !folder.startsWith("@"))
    .flatMap((folder) => readdirSync(packages + folder).map((name) => `${folder}/${name}`));
  return wanted.flatMap((kind) => all.filter((file) => kind.test(basename(file))).sort());
}
