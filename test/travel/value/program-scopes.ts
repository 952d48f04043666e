/**
 * Where a random program stands: along which tape it is written, and which variables are visible.
 */
/** What may be done with a variable. */
export type Kind = "value" | "call" | "object" | "list" | "class";

interface Variable {
  readonly name: string;
  readonly kind: Kind;
  readonly assignable: boolean;
}

interface Scope {
  readonly variables: Variable[];
  /** Names that cannot be declared in it any more: they are, or an outer one was used under that name. */
  readonly taken: Set<string>;
  readonly isFunction: boolean;
}

export const NAMES = ["a", "b", "c", "d", "e", "f", "ünï", "$"];

export class ProgramScopes {
  readonly #tape: ArrayLike<number>;
  #at = 0;
  #numbers = 0;
  readonly #scopes: Scope[] = [{ variables: [], taken: new Set(), isFunction: true }];
  readonly #pending = new Set<string>();

  constructor(tape: ArrayLike<number>) {
    this.#tape = tape;
  }

  /** The tape is not at its end. */
  protected get goesOn(): boolean {
    return this.#at < this.#tape.length;
  }

  /** A new number. */
  protected get number(): number {
    return this.#numbers++;
  }

  /** 0 when the tape is at its end. */
  protected choice(among: number): number {
    return (this.#tape[this.#at++] ?? 0) % among;
  }

  protected list(count: number, write: () => string): string {
    return Array.from({ length: count }, write).join(", ");
  }

  /** Code in a scope of its own, in which these names are declared. */
  protected within(names: readonly string[], isFunction: boolean, write: () => string[]): string {
    this.#scopes.push({ variables: [], taken: new Set(), isFunction });
    // In a block they are those of its loop, which must end.
    for (const name of names) this.declare(name, "value", isFunction);
    const lines = write();
    this.#scopes.pop();
    return lines.filter(Boolean).join(" ");
  }

  protected declare(name: string, kind: Kind, assignable: boolean): string {
    const scope = this.#scopes.at(-1)!;
    scope.taken.add(name);
    scope.variables.push({ name, kind, assignable });
    return name;
  }

  /** Shadows an outer variable gladly. Taken at once: its initializer must not use it. */
  protected name(): string {
    const { taken } = this.#scopes.at(-1)!;
    const wanted = NAMES[this.choice(NAMES.length)]!;
    const name = taken.has(wanted) ? `n${this.number}` : wanted;
    taken.add(name);
    return name;
  }

  protected pick(fits: (variable: Variable) => boolean = () => true): string | undefined {
    const hidden = new Set<string>();
    const visible: { readonly variable: Variable; readonly depth: number }[] = [];
    for (let depth = this.#scopes.length - 1; depth >= 0; depth--) {
      const { variables, taken } = this.#scopes[depth]!;
      for (const variable of variables) {
        if (!hidden.has(variable.name) && fits(variable)) visible.push({ variable, depth });
      }
      const declared = new Set(variables.map(({ name }) => name));
      for (const name of taken) if (declared.has(name) || !this.#isOuter(name, depth)) hidden.add(name);
    }
    if (visible.length === 0) return undefined;
    const { variable, depth } = visible[this.choice(visible.length)]!;
    for (const scope of this.#scopes.slice(depth + 1)) scope.taken.add(variable.name);
    return variable.name;
  }

  /** Taken in this scope only because an outer one is used in it. */
  #isOuter(name: string, depth: number): boolean {
    return !this.#pending.has(`${depth} ${name}`);
  }

  protected ofKind(kind: Kind): string | undefined {
    return this.pick((variable) => variable.kind === kind);
  }

  /** Until it is declared, nothing may use it, nor an outer one of that name. */
  protected pendingName(): string {
    const name = this.name();
    this.#pending.add(`${this.#scopes.length - 1} ${name}`);
    return name;
  }
}
