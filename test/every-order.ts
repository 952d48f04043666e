/** Every sequence of the given events, up to a length, the empty one included. */
export function* everyOrder<Event>(
  events: readonly Event[],
  longest: number,
  before: readonly Event[] = [],
): Generator<readonly Event[]> {
  yield before;
  if (before.length === longest) return;
  for (const event of events) yield* everyOrder(events, longest, [...before, event]);
}
