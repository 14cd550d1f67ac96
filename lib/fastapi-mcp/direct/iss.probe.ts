import { createHash, randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { BoundedMap } from '../../cache/bounded-map.js';
import { guardedFetch } from '../../auth/fetch/guarded-fetch.js';
import type { IssuerMetadata } from '../../auth/verifiers/discovery/discover-issuer.js';
import type { ProxiedProvider } from '../auth-config.settings.js';
import { UnsuitableProviderError } from './check-direct-provider.js';

/** Milliseconds that a provider is given to answer. */
const TIMEOUT = 5000;
/** Answers that are remembered. */
const MAX_KNOWN = 1000;

/** What is wrong with a provider that does. */
export const SENDS_ISS =
  'it sends iss to clients, who refuse another issuer than this server';

/**
 * Finds out whether a provider sends `iss` to clients without having said so in
 * its metadata: by a login without a person, which it refuses with a redirect
 * (`prompt=none`, OpenID Connect Core, section 3.1.2.1). A provider that answers
 * in another way leaves it open.
 */
export class IssProbe {
  private readonly logger = new Logger('McpOAuthProxy');
  private readonly known = new BoundedMap<string, boolean>({
    maxEntries: MAX_KNOWN,
  });

  constructor(private readonly provider: ProxiedProvider) {}

  /** @param redirectUri one that the provider knows: to others it sends nothing */
  async sendsIss(
    metadata: IssuerMetadata,
    redirectUri: string,
  ): Promise<boolean> {
    const known = this.known.get(redirectUri);
    if (known !== undefined) {
      return known;
    }
    const location = await this.ask(metadata, redirectUri);
    if (location === undefined) {
      return false;
    }
    const sends = location?.searchParams.has('iss') ?? false;
    if (sends) {
      this.logger.error(
        new UnsuitableProviderError(metadata.issuer, SENDS_ISS),
      );
    }
    this.known.set(redirectUri, sends);
    return sends;
  }

  /** Where the provider would have sent the browser; null for elsewhere, undefined without an answer. */
  private async ask(
    metadata: IssuerMetadata,
    redirectUri: string,
  ): Promise<URL | null | undefined> {
    const url = new URL(metadata['authorization_endpoint'] as string);
    const verifier = randomBytes(32).toString('base64url');
    const parameters = {
      response_type: 'code',
      client_id: this.provider.clientId,
      redirect_uri: redirectUri,
      scope: 'openid',
      state: randomBytes(16).toString('base64url'),
      prompt: 'none',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(parameters)) {
      url.searchParams.set(name, value);
    }
    try {
      const { headers } = await guardedFetch(url.href, {
        trust:
          this.provider.authorizationEndpoint === undefined
            ? { source: 'issuer', issuer: metadata.issuer }
            : { source: 'configuration' },
        timeout: TIMEOUT,
      });
      const location = headers['location'];
      return typeof location === 'string' && location.startsWith(redirectUri)
        ? new URL(location)
        : null;
    } catch {
      return undefined;
    }
  }
}
