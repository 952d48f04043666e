/**
 * Whether a call of a function gives items one after the other. By its tag and not by V8's own check, which knows neither bound generator
 * functions nor those that a compiler has lowered.
 */
export function isGeneratorFunction(fn: object): boolean {
  const kind = Object.prototype.toString.call(fn);
  return kind === "[object GeneratorFunction]" || kind === "[object AsyncGeneratorFunction]";
}
