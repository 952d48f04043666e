/**
 * Expressions of random programs: they use what is visible, call it, and shadow it.
 */
import { NAMES, ProgramScopes } from "./program-scopes.ts";

export const DEEPEST = 3;

export class ProgramExpressions extends ProgramScopes {
  protected value(depth: number): string {
    switch (depth > DEEPEST ? 0 : this.choice(10)) {
      case 1:
        return `[${this.value(depth + 1)}, ...[${this.value(depth + 1)}]]`;
      case 2:
        return `({ p: ${this.value(depth + 1)}, ["q" + 1]: ${this.value(depth + 1)} })`;
      case 3:
        return `(typeof nobody${this.choice(3)})`;
      case 4: {
        const fn = this.ofKind("call");
        return fn === undefined ? "2" : `${fn}(${this.value(DEEPEST)})`;
      }
      case 5: {
        const object = this.ofKind("object");
        return object === undefined ? "3" : `${object}.p`;
      }
      case 6: {
        const Class = this.ofKind("class");
        return Class === undefined ? "4" : `[new ${Class}(5).m(1), ${Class}.s, ${Class}.t?.()]`;
      }
      case 7: {
        const name = NAMES[this.choice(NAMES.length)]!;
        return `((${name}) => ${this.within([name], true, () => [this.value(depth + 1)])})(6)`;
      }
      case 8:
        return `\`\${[typeof ${this.pick() ?? "7"}]}\``;
      default:
        return this.pick() ?? "1";
    }
  }
}
