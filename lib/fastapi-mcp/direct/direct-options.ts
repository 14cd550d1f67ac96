import { ProviderTokenVerifier } from '../../auth/verifiers/provider/provider-token.verifier.js';
import type { AuthorizationServerOptions } from '../../auth/issuer/authorization-server-options.interface.js';
import { authorizationServerSettings } from '../../authorization-server/authorization-server.settings.js';
import type { McpAuthOptions } from '../../auth/auth-options.interface.js';
import type { ProxiedProvider, Translated } from '../auth-config.settings.js';

/** Options of an authorization server that mean something where there is none. */
const SERVER = new Set([
  'issuer',
  'registration',
  'lifetimes',
  'store',
  'pages',
  'guards',
  'metadataPath',
]);
const REGISTRATION = new Set([
  'endpoint',
  'clientName',
  'redirectUris',
  'initialAccessToken',
  'maxPerHour',
  'maxPerHourAndAddress',
]);

/**
 * `callback: 'direct'` in terms of the other options: tokens are the provider's,
 * and checked as such. Unless `redirectUris` says more, clients are on loopback,
 * as nobody here asks people for consent.
 *
 * @throws Error naming the option, its value unless secret, and the remedy
 */
export function directOptions(
  provider: ProxiedProvider,
  given: AuthorizationServerOptions,
  options: McpAuthOptions,
): Translated {
  const { registration = {} } = given;
  refuseUnused('authorizationServer.', given, SERVER);
  refuseUnused('authorizationServer.registration.', registration, REGISTRATION);
  const server = authorizationServerSettings({
    ...given,
    registration: { redirectUris: ['loopback'], ...registration },
  });
  return {
    options: { ...options, ...verifierOf(provider, options) },
    served: { direct: { provider, server } },
  };
}

function refuseUnused(
  prefix: string,
  options: object,
  used: ReadonlySet<string>,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !used.has(name)) {
      throw new Error(
        `auth.${prefix}${name} has no effect with auth.callback "direct", ` +
          'as tokens come from the provider. Leave it out, or leave out ' +
          'auth.callback.',
      );
    }
  }
}

/** Tokens are checked by the provider's keys: those for an API are JWTs, as a rule. */
function verifierOf(
  { issuer, audience }: ProxiedProvider,
  { verifier, provider }: McpAuthOptions,
): Pick<McpAuthOptions, 'verifier'> {
  if (verifier !== undefined || provider !== undefined) {
    return { verifier };
  }
  if (issuer === undefined) {
    throw new Error(
      'auth.issuer is missing: with auth.callback "direct", tokens of the ' +
        'provider are checked by it. Set it beside auth.metadataUrl, or set ' +
        'auth.verifier.',
    );
  }
  return { verifier: new ProviderTokenVerifier({ issuer, audience }) };
}
