import type { CryptoKey, FlattenedJWSInput, JWSHeaderParameters } from 'jose';
import type { KeyObject } from 'node:crypto';
import { VerifierUnavailableError } from '../../token/token.errors.js';
import { fetchJson } from '../../fetch/guarded-fetch.js';
import {
  discoverIssuer,
  type IssuerMetadata,
} from '../discovery/discover-issuer.js';
import { IssuerDiscoveryError } from '../discovery/discover-issuer.js';
import { metadataUrls } from '../discovery/discover-issuer.js';
import { acceptedAlgorithms, type JwtAlgorithm } from './algorithms.js';
import { hmacSecret } from './public-key.js';
import type {
  JwksCacheOptions,
  JwtIssuerOptions,
} from './jwt-options.interface.js';
import { parsePublicKey } from './public-key.js';
import { RemoteKeySet } from './remote-key-set.js';

/** Where the keys of one issuer come from, and what they may check. */
export interface KeySource {
  readonly algorithms: readonly JwtAlgorithm[];
  find(
    header: JWSHeaderParameters,
    token: FlattenedJWSInput,
  ): Promise<CryptoKey | KeyObject | Uint8Array>;
  /** Looks for mistakes that only the issuer's own answer can show. */
  prepare(): Promise<void>;
}

/**
 * Chooses the source by the options.
 *
 * @throws Error where the options contradict each other, or name no source
 */
export function keySource(
  owner: string,
  options: JwtIssuerOptions,
  cache: JwksCacheOptions | undefined,
): KeySource {
  const { secret, publicKey, jwksUri } = options;
  const given = Object.entries({ secret, publicKey, jwksUri })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (given.length > 1) {
    throw new Error(
      `${owner}: ${given.join(' and ')} are given, but tokens are checked ` +
        'by one kind of key alone. Keep one; several issuers go into issuers.',
    );
  }
  if (secret !== undefined) {
    const algorithms = acceptedAlgorithms(owner, 'secret', options.algorithms);
    return fixed(algorithms, hmacSecret(owner, secret, algorithms));
  }
  if (publicKey !== undefined) {
    const { key, kind } = parsePublicKey(owner, publicKey);
    return fixed(acceptedAlgorithms(owner, kind, options.algorithms), key);
  }
  return remote(owner, options, cache);
}

function fixed(
  algorithms: readonly JwtAlgorithm[],
  key: KeyObject | Uint8Array,
): KeySource {
  return {
    algorithms,
    find: () => Promise.resolve(key),
    prepare: () => Promise.resolve(),
  };
}

function remote(
  owner: string,
  options: JwtIssuerOptions,
  cache: JwksCacheOptions | undefined,
): KeySource {
  const algorithms = acceptedAlgorithms(owner, 'remote', options.algorithms);
  const { issuer, jwksUri } = options;
  const timeout = cache?.timeout;
  if (jwksUri !== undefined) {
    checkJwksUri(owner, jwksUri, issuer);
    const keys = new RemoteKeySet(
      () => fetchJson(jwksUri, { trust: { source: 'configuration' }, timeout }),
      cache,
    );
    return {
      algorithms,
      find: (header, token) => keys.find(header, token),
      prepare: () => Promise.resolve(),
    };
  }
  // An issuer's metadata takes the place of `jwksUri` alone.
  const places = ['secret', 'publicKey', 'jwksUri'] as const;
  const missing = places.find((name) => name in options);
  if (typeof issuer !== 'string' || (missing && missing !== 'jwksUri')) {
    throw new Error(
      `${owner}: ${missing ? `${missing} is undefined` : 'no keys to check tokens with'}. Give secret, publicKey or ` +
        'jwksUri, or one issuer whose metadata names its keys.',
    );
  }
  return new DiscoveredKeys(algorithms, issuer, options, cache);
}

function checkJwksUri(
  owner: string,
  jwksUri: string,
  issuer: JwtIssuerOptions['issuer'],
): void {
  if (!URL.canParse(jwksUri) || !/^https?:/i.test(jwksUri)) {
    throw new Error(
      `${owner}: jwksUri "${jwksUri}" is no absolute http(s) URL. Write it ` +
        'in full, as in "https://login.example.com/jwks".',
    );
  }
  if (issuer === undefined) {
    throw new Error(
      `${owner}: jwksUri is given without issuer. Set issuer to the \`iss\` ` +
        'of your tokens; issuer: false accepts those of every issuer that ' +
        'shares these keys.',
    );
  }
}

/** Keys at the `jwks_uri` of an issuer's metadata (RFC 8414 section 2). */
class DiscoveredKeys implements KeySource {
  private readonly keys: RemoteKeySet;
  private metadata: IssuerMetadata | undefined;

  constructor(
    readonly algorithms: readonly JwtAlgorithm[],
    private readonly issuer: string,
    private readonly options: JwtIssuerOptions,
    private readonly cache: JwksCacheOptions | undefined,
  ) {
    metadataUrls(issuer);
    this.keys = new RemoteKeySet(() => this.load(), cache);
  }

  find(
    header: JWSHeaderParameters,
    token: FlattenedJWSInput,
  ): Promise<CryptoKey> {
    return this.keys.find(header, token);
  }

  async prepare(): Promise<void> {
    try {
      this.metadata = await this.discover();
    } catch (error) {
      if (
        error instanceof IssuerDiscoveryError ||
        !VerifierUnavailableError.is(error)
      ) {
        throw error;
      }
      // An outage: asked again with the first token.
    }
  }

  private async load(): Promise<unknown> {
    const metadata = (this.metadata ??= await this.discover());
    try {
      return await fetchJson(String(metadata.jwks_uri), {
        trust: {
          source: 'issuer',
          issuer: this.issuer,
          allowPrivateHosts: this.options.allowPrivateHosts,
        },
        timeout: this.cache?.timeout,
      });
    } catch (error) {
      // The keys may have moved.
      this.metadata = undefined;
      throw error;
    }
  }

  private async discover(): Promise<IssuerMetadata> {
    const { timeout } = this.cache ?? {};
    const metadata = await discoverIssuer(this.issuer, { timeout });
    if (typeof metadata.jwks_uri !== 'string') {
      throw new IssuerDiscoveryError(
        `The metadata of issuer "${this.issuer}" has no jwks_uri. Configure ` +
          'jwksUri, or check its tokens by introspection.',
      );
    }
    return metadata;
  }
}
