import { createHash } from 'node:crypto';
import type { AccessToken } from '../../auth/access-token.js';
import { callerIdentity } from '../../auth/context/caller-identity.js';
import { getAccessToken } from '../../auth/context/request-context.js';
import { type AddressedRequest, warnOfProxy } from './proxy-warning.js';
import { currentExchange } from '../exchange.js';

/** Who sends a request, as far as sessions are concerned. */
export interface SessionCaller {
  /** Whom a session belongs to; opaque, the same on every instance. */
  readonly owner: string;
  /** Whose sessions count together; opaque. */
  readonly quota: string;
  readonly token: AccessToken | null;
}

/**
 * The caller of the current request, by {@link callerIdentity}.
 *
 * @param server what sessions of one server have in common on all instances
 */
export function currentCaller(server: string): SessionCaller {
  const token = getAccessToken();
  const owner = digest([server, ...callerIdentity(token)]);
  return {
    owner,
    // By address, as a header that nobody verified would give any number of quotas.
    quota: token ? owner : digest([server, 'address', currentAddress()]),
    token,
  };
}

function currentAddress(): string {
  const request = (currentExchange()?.request ?? {}) as AddressedRequest;
  warnOfProxy(request);
  return String(request.ip);
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
