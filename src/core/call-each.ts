/**
 * Calls that must all be made, whatever one of them throws.
 *
 * @throws the first error, after the last call.
 */
export function callEach<Item>(items: Iterable<Item>, call: (item: Item) => void): void {
  const errors: unknown[] = [];
  for (const item of items) {
    try {
      call(item);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
