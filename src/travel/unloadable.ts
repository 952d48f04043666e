/**
 * Modules that a worker could not import, though the program could: under a transform that workers do not have, in a bundle, or
 * because it only works on the main thread. Their functions travel by value from then on.
 */
const modules = new Set<string>();

/** @param module URL. True when it was not known. */
export function becomeUnloadable(module: string): boolean {
  if (modules.has(module)) return false;
  modules.add(module);
  return true;
}

export function isUnloadable(module: string | undefined): boolean {
  return module !== undefined && modules.has(module);
}
