/** Headers that have rules in common; a name that ends in `-` or `*` stands for all that begin so. */
interface HeaderGroup {
  /** Whether `forwardHeaders` can take them from the caller to a route. */
  readonly forwarded: boolean;
  /** Whether `getHttpHeaders()` hands them on unasked. */
  readonly handedOn: boolean;
  readonly names: readonly string[];
}

/**
 * Headers that no argument of a tool can set, and who else may pass them on.
 * They carry the caller's identity and origin, frame the message, or belong to
 * one hop (RFC 9110, section 7.6.1).
 */
const GROUPS: readonly HeaderGroup[] = [
  {
    // The connection and the message: each request has its own.
    forwarded: false,
    handedOn: false,
    names: [
      'connection',
      'content-',
      'expect',
      'host',
      'keep-alive',
      'mcp-',
      'proxy-',
      'te',
      'trailer',
      'transfer-encoding',
      'upgrade',
    ],
  },
  {
    // The caller's address, protocol and host travel resolved: a second look at
    // these could only be wrong.
    forwarded: false,
    handedOn: true,
    names: [
      'accept-encoding',
      'forwarded',
      'origin',
      'sec-fetch-',
      'x-forwarded-',
    ],
  },
  {
    // Credentials.
    forwarded: true,
    handedOn: false,
    names: ['authorization', 'cookie', 'dpop'],
  },
  {
    forwarded: true,
    handedOn: true,
    names: [
      'date',
      'referer',
      'sec-',
      'set-cookie',
      'via',
      // Proxies tell by these who the caller is, and applications believe them.
      'ali-cdn-real-ip',
      'client-ip',
      'do-connecting-ip',
      'forwarded-for',
      'front-end-https',
      'http-client-ip',
      'incap-client-ip',
      'true-client-ip',
      'x-cdn-src-ip',
      'x-client-ip',
      'x-cluster-client-ip',
      'x-forward-for',
      'x-forwarded*',
      'x-host',
      'x-http-host-override',
      'x-nf-client-connection-ip',
      'x-originating-ip',
      'x-proxyuser-ip',
      'x-real-ip',
      'x-scheme',
      'x-sucuri-clientip',
      'x-url-scheme',
      // Content delivery networks and load balancers.
      'cf-',
      'cloudfront-',
      'fastly-',
      'fly-',
      'wl-proxy-',
      'x-akamai-',
      'x-amzn-',
      'x-appengine-',
      'x-arr-',
      'x-azure-',
      'x-envoy-',
      'x-goog-',
      'x-vercel-',
      // Whom gateways have logged in, or what certificate they took (RFC 9440).
      'client-cert*',
      'iv-creds',
      'iv-groups',
      'iv-remote-address',
      'iv-user',
      'oidc-',
      'remote-',
      'sm-user',
      'ssl-',
      'tailscale-',
      'teleport-',
      'x-anonymous-consumer',
      'x-auth-request-',
      'x-authenticated-groups',
      'x-authenticated-scope',
      'x-authenticated-user',
      'x-authenticated-userid',
      'x-authentik-',
      'x-client-cert*',
      'x-consumer-',
      'x-credential-',
      'x-endpoint-api-',
      'x-jwt-assertion',
      'x-ms-client-principal*',
      'x-ms-token-',
      'x-pomerium-',
      'x-remote-',
      'x-ssl-',
      'x-tls-',
      'x-userinfo',
      'x-vouch-',
      'x-webauth-',
      // By these a request asks to be taken for another one.
      'x-http-method*',
      'x-method-override',
      'x-middleware-',
      'x-original-',
      'x-override-url',
      'x-rewrite-url',
    ],
  },
];

/**
 * Whether a header, in any case, is out of reach for a tool's arguments. Servers
 * behind gateway interfaces read `_` as `-`.
 */
export function isForbiddenHeader(name: string): boolean {
  return isForbidden(name.toLowerCase().replaceAll('_', '-'));
}

/**
 * Whether a header describes the connection or the message itself: the inner
 * request gets these from us alone.
 *
 * @param name lower case
 */
export const isConnectionHeader = matcher(({ forwarded }) => !forwarded);

/**
 * Whether a header is a credential, or belongs to one hop: code that passes
 * headers on gets it by its name alone.
 *
 * @param name lower case
 */
export const isWithheldHeader = matcher(({ handedOn }) => !handedOn);

const isForbidden = matcher(() => true);

function matcher(
  chosen: (group: HeaderGroup) => boolean,
): (name: string) => boolean {
  const names = GROUPS.filter(chosen).flatMap((group) => group.names);
  const exact = new Set(names.filter((name) => !/[-*]$/.test(name)));
  const prefixes = names
    .filter((name) => /[-*]$/.test(name))
    .map((name) => name.replace('*', ''));
  return (name) =>
    exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}
