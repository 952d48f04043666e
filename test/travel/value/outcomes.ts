/**
 * What two calls of a function give, to be compared.
 */
import { normalForm } from "./normal-form.ts";

export async function outcomesOf(
  fn: (...args: unknown[]) => unknown,
  args: readonly unknown[],
): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (let call = 0; call < 2; call++) {
    try {
      outcomes.push(normalForm(await fn(...args)));
    } catch (error) {
      outcomes.push(`threw ${String(error)}`);
    }
  }
  return outcomes;
}
