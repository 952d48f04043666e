/**
 * How many workers an executor may have.
 */

/** @throws RangeError naming the option */
export function checkSize(
  size: { minWorkers: number; maxWorkers: number },
  { owner, mostWorkers = Infinity }: { readonly owner: string; readonly mostWorkers?: number },
): void {
  const { minWorkers, maxWorkers } = size;
  if (maxWorkers > mostWorkers) {
    throw new RangeError(`${owner}: option "maxWorkers" must be at most ${mostWorkers}, got ${maxWorkers}`);
  }
  if (minWorkers > maxWorkers) {
    throw new RangeError(
      `${owner}: option "minWorkers" must be at most maxWorkers (${maxWorkers}), got ${minWorkers}`,
    );
  }
}
