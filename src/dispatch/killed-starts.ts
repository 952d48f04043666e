/**
 * Workers that somebody kills while they start, as Ctrl-C does with a whole process group: that says nothing of whether workers can
 * start, so others are started for them. When it happens again and again it does say so.
 */
import type { Loss } from "../core/errors.ts";

// As many as may be starting when the group is interrupted. Arbitrary; what kills every worker must end some time.
const MOST_IN_A_ROW = 8;

export class KilledStarts {
  #inARow = 0;

  mayStartAgain({ signal }: Loss): boolean {
    return signal !== null && ++this.#inARow <= MOST_IN_A_ROW;
  }

  oneStarted(): void {
    this.#inARow = 0;
  }
}
