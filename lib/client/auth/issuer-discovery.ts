import {
  discoverOAuthServerInfo,
  type FetchLike,
  type OAuthDiscoveryState,
} from '@modelcontextprotocol/client';
import { McpUnauthorizedError } from '../client.errors.js';
import type { AuthTarget } from './client-auth.js';

/** Asks servers which authorization server they trust (RFC 9728), and holds them to it. */
export class IssuerDiscovery {
  private readonly known = new Map<string, Promise<OAuthDiscoveryState>>();

  /**
   * @param owner of the credentials, for messages
   * @param issuer that they belong to; undefined for the first that a server names
   * @param isHeld false where there are credentials for each issuer, so that a server may move
   */
  constructor(
    private readonly owner: string,
    private readonly issuer: string | undefined,
    private readonly isHeld = true,
  ) {}

  knows(target: AuthTarget): boolean {
    return this.known.has(target.url.href);
  }

  /**
   * @param anew whether the server refused a token, and so may have moved
   * @throws McpUnauthorizedError where the issuer is not the one that the credentials belong to
   */
  find(
    target: AuthTarget,
    fetchFn: FetchLike,
    resourceMetadataUrl: URL | undefined,
    anew: boolean,
  ): Promise<OAuthDiscoveryState> {
    const key = target.url.href;
    const before = this.known.get(key);
    if (before && !anew) {
      return before;
    }
    const found = this.ask(target, fetchFn, resourceMetadataUrl, before);
    if (!before) {
      this.known.set(key, found);
    }
    found.then(
      () => this.known.set(key, found),
      () => {
        if (!before) {
          this.known.delete(key);
        }
      },
    );
    return found;
  }

  private async ask(
    target: AuthTarget,
    fetchFn: FetchLike,
    resourceMetadataUrl: URL | undefined,
    before: Promise<OAuthDiscoveryState> | undefined,
  ): Promise<OAuthDiscoveryState> {
    const found = await discoverOAuthServerInfo(target.url, {
      fetchFn,
      ...(resourceMetadataUrl && { resourceMetadataUrl }),
    });
    const expected =
      this.issuer ??
      (this.isHeld
        ? await before?.then(issuerOf).catch(() => undefined)
        : undefined);
    if (
      expected !== undefined &&
      withoutSlash(expected) !== withoutSlash(issuerOf(found))
    ) {
      throw new McpUnauthorizedError(
        target.name,
        `the server names another issuer than ${expected}, which the credentials of ${this.owner} belong to`,
      );
    }
    return found;
  }
}

/** Name of the authorization server that was found. */
export function issuerOf(state: OAuthDiscoveryState): string {
  return (
    state.authorizationServerMetadata?.issuer ?? state.authorizationServerUrl
  );
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}
