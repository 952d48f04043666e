import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { rolldown } from "rolldown";

const root = resolve(import.meta.dirname, "..");
const { version } = JSON.parse(await readFile(resolve(root, "package.json"), "utf8"));
const entryPoints = Object.fromEntries(
  [
    "index",
    "actors/index",
    "cli/main",
    "http/index",
    "jobs/index",
    "register",
    "service/index",
    "tasks/index",
    "testing/index",
  ].map((name) => [`src/${name}`, `src/${name}.ts`]),
);

// Every file that a worker loads is paid for again in every worker, so each worker is one file.
const bundles = [
  {
    input: entryPoints,
    format: "esm",
    entryFileNames: "[name].js",
    // A chunk stays beside src/index.js: "../workers/" must mean the same from wherever `import.meta.url` ends up.
    chunkFileNames: "src/[name]-[hash].js",
    // What several entry points use would be a file for each set of them, twenty in all, and a fifth of the time to import the main one.
    codeSplitting: {
      groups: [{ name: "core", test: /[\\/]src[\\/](core|inspect)[\\/]/, minShareCount: 2 }],
    },
  },
  { input: { "workers/process": "workers/process.ts" }, format: "esm", entryFileNames: "[name].js" },
  { input: { "workers/actor": "workers/actor.ts" }, format: "esm", entryFileNames: "[name].js" },
  // piscina require()s its worker file, and Node 20 prints a warning when that is an ES module.
  { input: { "workers/thread": "workers/thread.ts" }, format: "cjs", entryFileNames: "[name].cjs" },
  {
    input: { "workers/orphan-watcher": "workers/orphan-watcher.ts" },
    format: "cjs",
    entryFileNames: "[name].cjs",
  },
  {
    input: { "workers/stack-reader": "workers/stack-reader.ts" },
    format: "cjs",
    entryFileNames: "[name].cjs",
  },
  { input: { "workers/watchdog": "workers/watchdog.ts" }, format: "cjs", entryFileNames: "[name].cjs" },
];

async function bundle({ input, ...output }) {
  const build = await rolldown({
    cwd: root,
    input,
    platform: "node",
    external: (id) => !id.startsWith(".") && !isAbsolute(id),
    transform: { target: "node20.19", define: { OFFLOOP_VERSION: JSON.stringify(version) } },
    onLog(level, log, handle) {
      handle(level === "warn" ? "error" : level, log);
    },
  });
  await build.write({ dir: "dist", sourcemap: true, keepNames: true, ...output });
  await build.close();
}

/** Declarations of the entry points and of what they reach; tests and workers have none. */
async function declare() {
  const { compilerOptions } = JSON.parse(await readFile(resolve(root, "tsconfig.json"), "utf8"));
  const options = {
    ...compilerOptions,
    allowJs: false,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: "dist",
  };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await run("node_modules/typescript/bin/tsc", "--ignoreConfig", ...flags, ...Object.values(entryPoints));
}

async function run(script, ...args) {
  const [code] = await once(
    spawn(process.execPath, [script, ...args], { cwd: root, stdio: "inherit" }),
    "exit",
  );
  if (code !== 0) throw new Error(`${script} exited with ${code}`);
}

const startedAt = performance.now();
await rm(resolve(root, "dist"), { recursive: true, force: true });
await Promise.all([declare(), ...bundles.map(bundle)]);
console.error(`built dist in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
