/** What an import is remembered by that failed in a worker. */
export function importKey({ specifier, parent }: { specifier: string; parent: string }): string {
  return `${specifier} from ${parent}`;
}
