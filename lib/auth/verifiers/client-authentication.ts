/**
 * Refuses an option that is no URL to send requests to.
 *
 * @throws Error where it is no absolute http(s) URL; the message never holds
 *   the value, which may have a password in it
 */
export function checkEndpoint(
  owner: string,
  option: string,
  value: string,
): void {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Error(
      `${owner}: ${option} is no absolute http(s) URL. Write it in full, as ` +
        'in "https://login.example.com/…".',
    );
  }
  if (url.username || url.password) {
    throw new Error(
      `${owner}: ${option} has a user name or password in it. Send ` +
        'credentials by the options made for them.',
    );
  }
}

/**
 * How a client proves itself to an endpoint (RFC 6749 section 2.3.1).
 *
 * @publicApi
 */
export type ClientAuthMethod = 'client_secret_basic' | 'client_secret_post';

/** Headers and form fields that carry a client's credentials. */
export interface ClientCredentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
}

/** @throws Error where the method is another, or the id or secret is empty */
export function clientCredentials(
  owner: string,
  method: ClientAuthMethod,
  clientId: string,
  clientSecret: string,
): ClientCredentials {
  if (!clientId || !clientSecret) {
    throw new Error(
      `${owner}: ${clientId ? 'clientSecret' : 'clientId'} is empty. ` +
        'Introspection needs both (RFC 7662 section 2.1): register this ' +
        'server as a client at the provider.',
    );
  }
  switch (method) {
    case 'client_secret_basic': {
      const pair = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
      const encoded = Buffer.from(pair).toString('base64');
      return { headers: { authorization: `Basic ${encoded}` }, fields: {} };
    }
    case 'client_secret_post':
      return {
        headers: {},
        fields: { client_id: clientId, client_secret: clientSecret },
      };
    default:
      throw new Error(
        `${owner}: authMethod is "${String(method)}". Use ` +
          '"client_secret_basic" or "client_secret_post".',
      );
  }
}

/** Id and secret are form-encoded before they are joined by a colon, which either may contain. */
function formEncode(value: string): string {
  return new URLSearchParams({ '': value }).toString().slice(1);
}
