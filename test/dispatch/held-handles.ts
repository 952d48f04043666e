/**
 * Which handles keep the process alive, of those that are made with `setInterval` from here on. Import it before the module
 * under test, which takes that function when it is loaded.
 */
const made = new Set<NodeJS.Timeout>();
const real = { setInterval: globalThis.setInterval, clearInterval: globalThis.clearInterval };

globalThis.setInterval = Object.assign((...args: Parameters<typeof real.setInterval>) => {
  const handle = real.setInterval(...args);
  made.add(handle);
  return handle;
}, real.setInterval);

globalThis.clearInterval = (handle) => {
  if (typeof handle === "object") made.delete(handle);
  real.clearInterval(handle);
};

export function heldHandles(): number {
  return [...made].filter((handle) => handle.hasRef()).length;
}
