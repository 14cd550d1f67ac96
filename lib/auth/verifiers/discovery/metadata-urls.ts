/**
 * Where an issuer's metadata may be, in the order of the MCP specification
 * ("Authorization Server Metadata Discovery"): RFC 8414 section 3.1 with the
 * well-known part before the path, OpenID Connect likewise, and OpenID Connect
 * with it behind the path.
 *
 * @throws Error where the issuer is no URL, or has a query or fragment (RFC 8414 section 2)
 */
export function metadataUrls(issuer: string): readonly string[] {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || /[?#]/.test(issuer)) {
    throw new Error(
      `issuer: "${issuer}" is no http(s) URL without query and fragment. ` +
        'Write it as it stands in `issuer` of its metadata.',
    );
  }
  const path = url.pathname.replace(/\/$/, '');
  return [
    ...new Set([
      `${url.origin}/.well-known/oauth-authorization-server${path}`,
      `${url.origin}/.well-known/openid-configuration${path}`,
      `${url.origin}${path}/.well-known/openid-configuration`,
    ]),
  ];
}
