/**
 * What an entrypoint starts and stops.
 */

/** A part of a program that has a beginning and an end: a server, a consumer, a connection. */
export interface Service {
  /** For messages. The name of its class unless set. */
  readonly name?: string;
  /** Resolves when the service can be used. The signal aborts when the program is told to end meanwhile. */
  start(signal: AbortSignal): unknown;
  /** Resolves when the service is gone. Called once, and only if `start` was fulfilled. */
  stop(): unknown;
}

export function serviceName(service: Service): string {
  // A module, `import * as database`, has no constructor.
  const constructor = service.constructor as { readonly name: string } | undefined;
  return (
    service.name ?? (constructor === undefined || constructor === Object ? "a service" : constructor.name)
  );
}
