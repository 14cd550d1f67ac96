import { currentHeaders } from './request-context.js';

/** Credentials, and what belongs to one hop: code that passes headers on must not pass these. */
const WITHHELD =
  /^(authorization|dpop|cookie|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|proxy-.*|content-.*|mcp-.*)$/;

/**
 * The headers of the request being served, with lower-case names. Empty outside
 * a request; never throws.
 *
 * @param options `include` names headers, in any case, that are wanted although
 * they are sensitive: `authorization`, `cookie`
 * @publicApi
 */
export function getHttpHeaders(
  options: { readonly include?: readonly string[] } = {},
): Record<string, string> {
  const included = new Set(options.include?.map((name) => name.toLowerCase()));
  return Object.fromEntries(
    Object.entries(currentHeaders()).flatMap(([name, value]) =>
      value !== undefined && (included.has(name) || !WITHHELD.test(name))
        ? [[name, [value].flat().join(', ')]]
        : [],
    ),
  );
}
