import { createHash, randomBytes } from 'node:crypto';
import type {
  ClientMetadata,
  Configuration,
  errors as ProviderErrors,
  KoaContextWithOIDC,
} from 'oidc-provider';
import type { AuthorizationServerSettings } from '../options/authorization-server.settings.js';
import type { RedirectUriPolicy } from '../registration/redirect-uri.policy.js';
import { narrowClient } from './narrowed-client.js';

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

  /**
   * The same public client gets the same id whenever it registers: registering
   * again, as clients do, leaves nothing behind. It proves nothing, as public
   * clients cannot prove anything.
   */
  clientId({ oidc }: KoaContextWithOIDC): string {
    const body = (oidc.body ?? {}) as Record<string, unknown>;
    return publicClientId(body) ?? randomBytes(16).toString('base64url');
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
