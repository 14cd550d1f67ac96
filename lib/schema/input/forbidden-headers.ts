/**
 * Headers that no argument may set: they carry the caller's identity and
 * origin, frame the message, or belong to one hop (RFC 9110, section 7.6.1).
 */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'authorization',
  'accept-encoding',
  'cookie',
  'set-cookie',
  'dpop',
  'host',
  'origin',
  'referer',
  'forwarded',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'date',
  'via',
  // Proxies tell by these who the caller is, and applications believe them.
  'ali-cdn-real-ip',
  'client-ip',
  'do-connecting-ip',
  'forwarded-for',
  'http-client-ip',
  'incap-client-ip',
  'true-client-ip',
  'x-cdn-src-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-forward-for',
  'x-real-ip',
  'x-sucuri-clientip',
  'x-originating-ip',
  'x-proxyuser-ip',
  'x-nf-client-connection-ip',
  'x-host',
  'x-http-host-override',
  // Whom gateways have logged in.
  'iv-creds',
  'iv-groups',
  'iv-remote-address',
  'iv-user',
  'sm-user',
  'x-anonymous-consumer',
  'x-authenticated-groups',
  'x-authenticated-scope',
  'x-authenticated-user',
  'x-authenticated-userid',
  'x-jwt-assertion',
  'x-userinfo',
  // By these a request asks to be taken for another one.
  'x-method-override',
  'x-rewrite-url',
]);

const FORBIDDEN_PREFIXES = [
  'content-',
  'mcp-',
  'proxy-',
  'sec-',
  'x-forwarded',
  'x-http-method',
  'x-middleware-',
  'x-original-',
  // Content delivery networks and load balancers.
  'cf-',
  'cloudfront-',
  'fastly-',
  'fly-',
  'wl-proxy-',
  'x-amzn-',
  'x-appengine-',
  'x-arr-',
  'x-azure-',
  'x-envoy-',
  'x-goog-',
  'x-vercel-',
  // Gateways that log people in, or take certificates (RFC 9440).
  'client-cert',
  'oidc-',
  'remote-',
  'ssl-',
  'tailscale-',
  'teleport-',
  'x-auth-request-',
  'x-authentik-',
  'x-client-cert',
  'x-consumer-',
  'x-credential-',
  'x-endpoint-api-',
  'x-ms-client-principal',
  'x-ms-token-',
  'x-pomerium-',
  'x-remote-',
  'x-ssl-',
  'x-tls-',
  'x-webauth-',
];

/**
 * Whether a header, in any case, is out of reach for a tool's arguments. Servers
 * behind gateway interfaces read `_` as `-`.
 */
export function isForbiddenHeader(name: string): boolean {
  const lower = name.toLowerCase().replaceAll('_', '-');
  return (
    FORBIDDEN.has(lower) ||
    FORBIDDEN_PREFIXES.some((prefix) => lower.startsWith(prefix))
  );
}
