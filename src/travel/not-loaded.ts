/** The function was not found here. `cause`: what its module threw, or a {@link TravelError}. */
export class NotLoaded extends Error {
  /** URL of the module, when it could not be imported. */
  readonly module: string | undefined;

  constructor(cause: unknown, module?: string) {
    super("the function was not found here", { cause });
    this.module = module;
  }
}
