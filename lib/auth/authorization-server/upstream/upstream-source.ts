import { createHash } from 'node:crypto';
import type { OAuthStore } from '../storage/oauth.store.js';
import type { Sealer } from '../../sealing/sealer.js';
import type { UpstreamProvider } from './upstream.provider.js';

/** The identity provider of one authorization server, and where its records are kept. */
export interface UpstreamSource {
  /** Issuer of the authorization server: keeps servers apart that share a store. */
  readonly issuer: string;
  readonly provider: UpstreamProvider;
  readonly store: OAuthStore;
  readonly sealer: Sealer;
  /** Seconds for which tokens are kept since they were issued or renewed. */
  readonly tokenLifetime: number;
}

/** Key of a record in the store. Only a hash of the id is written. */
export function upstreamKey(
  { issuer }: UpstreamSource,
  kind: 'login' | 'tokens',
  id: string,
): string {
  const hash = createHash('sha256').update(JSON.stringify([issuer, id]));
  return `upstream:${kind}:${hash.digest('base64url')}`;
}
