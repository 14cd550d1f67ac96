import type { ServerMetadata } from 'openid-client';
import { IssuerDiscoveryError } from '../../auth/verifiers/discovery/discover-issuer.js';
import {
  discoverIssuer,
  type IssuerMetadata,
} from '../../auth/verifiers/discovery/discover-issuer.js';
import { metadataAt } from '../../auth/verifiers/discovery/discover-issuer.js';
import type { UpstreamAuthMethod } from '../../auth/issuer/upstream-options.interface.js';

const REQUIRED = [
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
] as const;

/** The provider answers, but a login there cannot work as it is configured. */
export class UpstreamConfigurationError extends Error {
  override readonly name = 'UpstreamConfigurationError';
}

/**
 * Metadata of an OpenID provider, of exactly this issuer.
 *
 * @param metadataUrl where it is, when not at a standard place; then the issuer
 *   may be left to it
 * @throws UpstreamConfigurationError where there is none that a login can use
 * @throws VerifierUnavailableError where the provider cannot be reached
 */
export async function openIdMetadata(
  issuer: string | undefined,
  timeout: number,
  metadataUrl?: string,
): Promise<ServerMetadata> {
  if (issuer === undefined || metadataUrl !== undefined) {
    return openIdMetadataAt(metadataUrl ?? '', issuer, timeout);
  }
  const others: string[] = [];
  try {
    const metadata = await discoverIssuer(issuer, {
      timeout,
      accept: (document) => {
        others.push(document.issuer);
        return document.issuer === issuer && isOpenId(document);
      },
    });
    return complete(metadata);
  } catch (error) {
    throw error instanceof IssuerDiscoveryError
      ? notFound(issuer, others)
      : error;
  }
}

async function openIdMetadataAt(
  metadataUrl: string,
  issuer: string | undefined,
  timeout: number,
): Promise<ServerMetadata> {
  const metadata = await metadataAt(metadataUrl, { issuer, timeout }).catch(
    (error: unknown) => {
      throw error instanceof IssuerDiscoveryError
        ? wrong(issuer ?? 'of metadataUrl', error.message)
        : error;
    },
  );
  if (!isOpenId(metadata)) {
    throw wrong(
      metadata.issuer,
      `The metadata at "${metadataUrl}" is not that of an OpenID provider. ` +
        'Configure its openid-configuration.',
    );
  }
  return complete(metadata);
}

function complete(metadata: IssuerMetadata): ServerMetadata {
  const missing = REQUIRED.find((name) => typeof metadata[name] !== 'string');
  if (missing) {
    throw wrong(metadata.issuer, `Its metadata has no ${missing}.`);
  }
  return metadata as ServerMetadata;
}

/**
 * How the secret is to be sent, by the metadata (RFC 8414, section 2).
 *
 * @throws UpstreamConfigurationError where the provider takes no secret
 */
export function authMethodOf(metadata: ServerMetadata): UpstreamAuthMethod {
  const methods = metadata.token_endpoint_auth_methods_supported;
  if (!Array.isArray(methods) || methods.includes('client_secret_basic')) {
    return 'client_secret_basic';
  }
  if (methods.includes('client_secret_post')) {
    return 'client_secret_post';
  }
  throw wrong(
    metadata.issuer,
    `It takes no client secret, but ${methods.join(', ')}. Where that is not ` +
      'so, set authorizationServer.upstream.authMethod.',
  );
}

/** Required of OpenID providers, unknown to plain OAuth (OpenID Connect Discovery, section 3). */
function isOpenId(document: IssuerMetadata): boolean {
  return Array.isArray(document.id_token_signing_alg_values_supported);
}

function notFound(
  issuer: string,
  others: readonly string[],
): UpstreamConfigurationError {
  const other = others.find((name) => name !== issuer);
  if (others.includes(issuer)) {
    return wrong(
      issuer,
      'It is no OpenID provider, and does not tell who logged in.',
    );
  }
  return wrong(
    issuer,
    other === undefined
      ? 'No metadata was found there. Configure the issuer as it stands in ' +
          '`issuer` of <issuer>/.well-known/openid-configuration.'
      : `The metadata found there names "${other}". Configure the issuer ` +
          'letter for letter, the last slash included.',
  );
}

function wrong(issuer: string, rest: string): UpstreamConfigurationError {
  return new UpstreamConfigurationError(
    `authorizationServer.upstream: issuer "${issuer}" cannot log people in. ${rest}`,
  );
}
