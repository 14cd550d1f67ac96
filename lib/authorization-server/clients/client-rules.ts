import { createHash, randomBytes } from 'node:crypto';
import type {
  ClientMetadata,
  Configuration,
  errors as ProviderErrors,
  KoaContextWithOIDC,
} from 'oidc-provider';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import {
  isLoopbackHost,
  type RedirectUriPolicy,
  refusedRedirects,
} from './redirect-uri.policy.js';

/** What clients that nobody knows beforehand can do here. */
const POSSIBLE = {
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
} as const;

const RESPONSE_MODES = ['query', 'fragment', 'form_post'];

/** Members that only tell people something. */
const PAGES = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'] as const;

/**
 * Narrows what a client says of itself, by registration or by its document, to
 * what this server does: it may replace values, and its answer names those that
 * are in force (RFC 7591, section 3.2.1). Refused is what would be of no use to
 * the client then.
 *
 * @throws InvalidRedirectUri, InvalidClientMetadata of the provider, naming the
 *   member
 */
function narrowClient(
  metadata: ClientMetadata,
  policy: RedirectUriPolicy,
  errors: typeof ProviderErrors,
): void {
  const given = metadata.redirect_uris ?? [];
  const allowed = given.filter((uri) => policy.allows(uri));
  const isWeb = metadata.application_type === 'web' && allowed.every(isHttps);
  // Only a web client's page can be under https at a loopback address.
  const usable = isWeb ? allowed : allowed.filter((uri) => !isLocalPage(uri));
  if (usable.length === 0) {
    throw Object.assign(new errors.InvalidRedirectUri(), {
      // The class takes none; its own is about authorization requests.
      error_description: refusedRedirects(given),
    });
  }
  metadata.application_type = isWeb ? 'web' : 'native';
  metadata.redirect_uris = usable;
  for (const [name, possible] of Object.entries(POSSIBLE)) {
    const kept = keep(metadata, name, possible);
    if (kept === 0) {
      throw new errors.InvalidClientMetadata(
        `${name} has nothing that clients can register for here, which is ${possible.join(', ')}`,
      );
    }
  }
  if (keep(metadata, 'response_modes', RESPONSE_MODES) === 0) {
    delete metadata.response_modes;
  }
  if (metadata.token_endpoint_auth_method !== 'private_key_jwt') {
    delete metadata['token_endpoint_auth_signing_alg'];
  }
  for (const name of PAGES) {
    if (!isWebPage(metadata[name])) {
      delete metadata[name];
    }
  }
  // Clients register with the scopes of their first login; a later one may ask for more.
  delete metadata.scope;
}

/** Leaves out what is not possible, and counts the rest; undefined where nothing was given. */
function keep(
  metadata: ClientMetadata,
  name: string,
  possible: readonly string[],
): number | undefined {
  const given = metadata[name];
  if (!Array.isArray(given)) {
    return undefined;
  }
  const kept = possible.filter((value) => given.includes(value));
  metadata[name] = kept;
  return kept.length;
}

function isHttps(uri: string): boolean {
  return new URL(uri).protocol === 'https:';
}

function isLocalPage(uri: string): boolean {
  return isHttps(uri) && isLoopbackHost(new URL(uri).hostname);
}

function isWebPage(value: unknown): boolean {
  const text = String(value);
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Members of a registration that the rules look at, or set. */
const PROPERTIES = ['redirect_uris', 'grant_types', 'scope', 'client_name'];

/** What a registration may ask for (RFC 7591, section 2). */
export class ClientRules {
  private readonly permanent: ReadonlySet<string>;

  constructor(
    private readonly settings: AuthorizationServerSettings,
    private readonly redirectUris: RedirectUriPolicy,
    private readonly errors: typeof ProviderErrors,
  ) {
    this.permanent = new Set(
      (settings.options.clients ?? []).map(({ clientId }) => clientId),
    );
  }

  get extraClientMetadata(): NonNullable<Configuration['extraClientMetadata']> {
    return {
      properties: PROPERTIES,
      validator: (context, name, _value, metadata) => {
        if (name === PROPERTIES[0] && !this.isPermanent(metadata)) {
          this.check(metadata, context);
        }
      },
    };
  }

  clientId({ oidc }: KoaContextWithOIDC): string {
    return clientIdOf((oidc.body ?? {}) as Record<string, unknown>);
  }

  private isPermanent({ client_id: id }: ClientMetadata): boolean {
    return this.permanent.has(id);
  }

  private check(
    metadata: ClientMetadata,
    context: KoaContextWithOIDC | undefined,
  ): void {
    const { registration } = this.settings;
    metadata.client_name ??= registration.clientName;
    narrowClient(metadata, this.redirectUris, this.errors);
    if (
      metadata.client_secret !== undefined &&
      metadata.client_secret_expires_at === 0 &&
      context?.oidc?.route === 'registration' &&
      registration.secretExpirySeconds > 0
    ) {
      metadata.client_secret_expires_at =
        Math.floor(Date.now() / 1000) + registration.secretExpirySeconds;
    }
  }
}

/**
 * The same public client gets the same id whenever it registers: registering
 * again, as clients do, leaves nothing behind. It proves nothing, as public
 * clients cannot prove anything.
 */
export function clientIdOf(
  metadata: Readonly<Record<string, unknown>>,
): string {
  return publicClientId(metadata) ?? randomBytes(16).toString('base64url');
}

/** Id that a public client has by what it registers; undefined for others. */
export function publicClientId(
  metadata: Readonly<Record<string, unknown>>,
): string | undefined {
  if (metadata['token_endpoint_auth_method'] !== 'none') {
    return undefined;
  }
  const sorted = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify(sorted))
    .digest('base64url');
}

/** The clients that are known beforehand, in the provider's terms. */
export function staticClients({
  options,
}: AuthorizationServerSettings): ClientMetadata[] {
  return (options.clients ?? []).map((client) => {
    const grantTypes = client.grantTypes ?? [
      'authorization_code',
      'refresh_token',
    ];
    const logsIn = grantTypes.includes('authorization_code');
    return {
      client_id: client.clientId,
      ...(client.clientSecret !== undefined && {
        client_secret: client.clientSecret,
      }),
      client_name: client.clientName ?? client.clientId,
      redirect_uris: [...(client.redirectUris ?? [])],
      grant_types: [...grantTypes],
      response_types: logsIn ? ['code'] : [],
      token_endpoint_auth_method:
        client.authMethod ??
        (client.clientSecret === undefined ? 'none' : 'client_secret_basic'),
    };
  });
}
