import { resolve } from "node:path";
import { rolldown } from "rolldown";

// Compiled, because a loader in the program is one in each of its workers: their starts would be most of what is measured.
const folder = resolve(import.meta.dirname, "soak");
const file = resolve(folder, ".main.js");
const build = await rolldown({
  input: resolve(folder, "main.ts"),
  platform: "node",
  // The workers load what calls do from where it is.
  external: (id) => /^(node:|offloop$|\.\/work\.mjs$)/.test(id),
});
await build.write({ file, format: "esm" });
await build.close();
await import(file);
