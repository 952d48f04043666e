/**
 * A reference whose module is assumed: it is made when it is first read, and the same from then on.
 */
import type { AssumedModule } from "./assumed-module.ts";
import type { FunctionReference } from "./reference.ts";

export class LateReference {
  readonly #assumed: AssumedModule;
  readonly #make: () => FunctionReference;
  #made: FunctionReference | undefined;

  constructor(assumed: AssumedModule, make: () => FunctionReference) {
    this.#assumed = assumed;
    this.#make = make;
  }

  /** @throws TravelError when the module is another one, and no worker could import that. */
  get(): FunctionReference {
    return (this.#made ??= this.#make());
  }

  /** URL of the module as far as it is known. */
  get module(): string {
    return (this.#made as { module?: string } | undefined)?.module ?? this.#assumed.candidate;
  }
}
