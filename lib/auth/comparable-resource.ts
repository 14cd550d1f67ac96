const WEB_URL = /^https?:\/\/[!-[\]-~]+$/i;

/**
 * The name of a resource in the one form that equal names have in common: a URL
 * after RFC 3986, sections 6.2.2 and 6.2.3, by which `https://API.example.com`
 * and `https://api.example.com/` are one; anything else as it is.
 */
export function comparableResource(name: string): string {
  return WEB_URL.test(name) && URL.canParse(name) ? new URL(name).href : name;
}

/** Of the names, the one that means what `name` means; the same letters win. */
export function sameResource(
  names: readonly string[],
  name: string,
): string | undefined {
  if (names.includes(name)) return name;
  const wanted = comparableResource(name);
  return names.find((each) => comparableResource(each) === wanted);
}

/** The names, of equal ones the first. */
export function distinctResources(names: readonly string[]): readonly string[] {
  return [
    ...new Map(
      names.toReversed().map((name) => [comparableResource(name), name]),
    ).values(),
  ].toReversed();
}
