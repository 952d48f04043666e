/**
 * Why a function cannot travel, in words: what it is, and what to do.
 */
import { TravelError } from "../core/errors.ts";
import type { AnyFunction } from "../core/function-handle.ts";
import type { Identity } from "./identity.ts";

const AT_TOP_LEVEL = "wrap it with threaded() at the top level of its module";

export function native(fn: AnyFunction): TravelError {
  const why = nameOf(fn).startsWith("bound ")
    ? "it is a bound function, and V8 does not show what it is bound to. Export a function that makes the call."
    : "it was made inside Node.js or V8 (or is a Proxy) and no worker can find it by name. Export a function that calls it.";
  return new TravelError("native", label(fn), why);
}

export function evaluated(fn: AnyFunction, url: string): TravelError {
  const where = url === "" ? "code without a file (eval, -e, a REPL)" : url;
  return new TravelError(
    "eval",
    label(fn),
    `it comes from ${where}, which a worker cannot import. Move it to a module.`,
  );
}

export function thenable(fn: AnyFunction): TravelError {
  const why =
    "it has a method `then`, so that whoever waits for it takes it for a promise. Wrap it in another function.";
  return new TravelError("captured", label(fn), why);
}

export function inEntry(fn: AnyFunction, module: string): TravelError {
  return new TravelError(
    "entry",
    label(fn),
    `importing ${module} in a worker would run the program again: it is the file that the program was started with, or ` +
      "imports that. Move the function to a module of its own, or put the file's main part behind " +
      "`if (import.meta.main)` (Node 22.18 or newer) or `if (require.main === module)`.",
  );
}

/** In a child process. */
export function inEntryOfProcess(name: string, module: string): TravelError {
  return new TravelError(
    "entry",
    name,
    `its file ${module} guards its main part with isMainThread, which is true in a child process too: importing it there would ` +
      "run the program again. Guard with `if (import.meta.main)` or `if (require.main === module)`, or use threads.",
  );
}

export function noInspector(fn: AnyFunction, error: Error): TravelError {
  return new TravelError(
    "no-inspector",
    label(fn),
    `where it was defined is known only to V8's inspector, and ${error.message}. Or ${AT_TOP_LEVEL}.`,
  );
}

export function notExported(fn: AnyFunction, where: string): TravelError {
  return new TravelError(
    "not-exported",
    label(fn),
    `${where} does not export it. Export it, or ${AT_TOP_LEVEL}.`,
  );
}

export function beyondModule(fn: AnyFunction, more: Exclude<Identity, { kind: "module" }>): TravelError {
  switch (more.kind) {
    case "captured": {
      const around = more.of === undefined ? "another function, a block or a class" : `${more.of}()`;
      return new TravelError(
        "captured",
        label(fn),
        `it is defined inside ${around} and may use its variables${listed(more.names)}. Pass them as arguments and move ` +
          `the function to the top level of a module, exported; or ${AT_TOP_LEVEL}.`,
      );
    }
    case "properties":
      return new TravelError(
        "captured",
        label(fn),
        `it has properties of its own${listed(more.names)}, and may be one of many functions that differ in them. ` +
          `Export it under its own name, or ${AT_TOP_LEVEL}.`,
      );
    case "this":
      return new TravelError(
        "this",
        label(fn),
        "it uses `this`, `super` or `new.target` of what is around it, which V8 does not show. Export a function that " +
          `makes the call, or ${AT_TOP_LEVEL}.`,
      );
  }
}

export function unloadable(fn: AnyFunction, module: string): TravelError {
  return new TravelError("not-exported", label(fn), `a worker could not import its module ${module}.`);
}

/** By value it cannot go either: that is the reason that counts, because by value goes what may. */
export function bothWays(byReference: TravelError, byValue: TravelError): TravelError {
  if (byReference.kind === byValue.kind && byReference.path === byValue.path) return byReference;
  const { kind, path } = byValue;
  return new TravelError(kind, path, `${reasonOf(byValue)} (By reference: ${reasonOf(byReference)})`);
}

/** Without what cannot be sent. */
export function reasonOf({ message, path }: TravelError): string {
  return message.slice(message.indexOf(": ", message.indexOf(path) + path.length) + 2);
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "";
  return ` (${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""})`;
}

function label(fn: AnyFunction): string {
  return nameOf(fn) || "the anonymous function";
}

function nameOf(fn: AnyFunction): string {
  return typeof fn.name === "string" ? fn.name : "";
}
