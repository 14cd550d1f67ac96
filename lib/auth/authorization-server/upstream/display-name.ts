/** Characters of a name that are kept: it stands in a sentence, not on its own page. */
const MAX_LENGTH = 100;

/** The first of some members that is a name to show. */
export function displayName(
  person: object,
  members: readonly string[],
): string | undefined {
  for (const member of members) {
    const value = (person as Readonly<Record<string, unknown>>)[member];
    if (typeof value === 'string' && value.trim() !== '') {
      return value.trim().slice(0, MAX_LENGTH);
    }
  }
  return undefined;
}
