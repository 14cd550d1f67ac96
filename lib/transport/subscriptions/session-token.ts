import type { Server } from '@modelcontextprotocol/server';
import type { AccessToken } from '../../auth/access-token.js';

/** What knows the token of a session's latest request, of whatever kind. */
export interface TokenHolder {
  readonly token: AccessToken | null;
  /** Whose subscriptions count together; undefined where there is one caller alone. */
  readonly quota?: string;
}

const holders = new WeakMap<Server, TokenHolder>();

/** Says who knows the caller of the session that a server serves. */
export function holdToken(server: Server, holder: TokenHolder): void {
  holders.set(server, holder);
}

/** Undefined where nobody has said. */
export function tokenHolderOf(server: Server): TokenHolder | undefined {
  return holders.get(server);
}
