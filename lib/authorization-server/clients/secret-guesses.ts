import { createHash, timingSafeEqual } from 'node:crypto';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { McpSecurityEvents } from '../../auth/audit/security-events.js';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import { FailureCount } from '../login/login.limits.js';
import { placeOf } from '../endpoints/oauth.request.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import { type ParsedRequest, presentedClient } from './presented-client.js';

/** Wrong secrets of one client from one address, and what they cost. */
const RULE = { name: 'client', free: 10, longestWait: 30, window: 3600 };

/** Seconds for which it is known where a client has presented its secret from. */
const KNOWN_FOR = 90 * 24 * 60 * 60;

interface Parts {
  readonly issuer: string;
  readonly settings: AuthorizationServerSettings;
  readonly store: OAuthStore;
  readonly events: McpSecurityEvents;
}

/**
 * Slows down guessing the secret of a client that is known beforehand (RFC 6749,
 * section 2.3.1): of one client, from one address. Somebody chose these secrets;
 * those of registered clients are random. A right secret waits as well, or
 * guessing would be as fast as before; but never at an address that it came from
 * before, so that nobody can keep a client out.
 */
export function slowSecretGuesses({ issuer, settings, store, events }: Parts) {
  const failures = new FailureCount(store, RULE);
  const secrets = new Map(
    (settings.options.clients ?? []).flatMap(({ clientId, clientSecret }) =>
      clientSecret === undefined ? [] : [[clientId, digest(clientSecret)]],
    ),
  );
  const paths = [
    ENDPOINTS.token,
    ENDPOINTS.introspect,
    settings.revocation.endpoint,
  ];
  return async (
    context: KoaContextWithOIDC,
    next: () => Promise<void>,
  ): Promise<void> => {
    const request = context.req as ParsedRequest;
    const { clientId = '', secret } = paths.includes(context.path)
      ? presentedClient(request)
      : {};
    const expected = secrets.get(clientId);
    if (expected === undefined || secret === undefined) {
      return next();
    }
    const address = request.callerAddress ?? '';
    const origin = JSON.stringify([clientId, placeOf(address)]);
    const isRight = timingSafeEqual(digest(secret), expected);
    const wait = isRight ? await welcome(origin) : await failures.admit(origin);
    const tell = (reason: 'credentials' | 'slowed'): void =>
      events.emit(() => ({
        type: 'client_failed',
        reason,
        clientId,
        issuer,
        address,
      }));
    if (wait > 0) {
      tell('slowed');
      slowDown(context, wait);
      return;
    }
    if (!isRight) {
      tell('credentials');
    }
    return next();
  };

  /** @returns seconds that a right secret has to wait */
  async function welcome(origin: string): Promise<number> {
    const known = `client-from:${digest(origin).toString('base64url')}`;
    if ((await store.get(known)) !== undefined) {
      return 0;
    }
    const wait = await failures.waitOf(origin);
    if (wait === 0) {
      await failures.forget(origin);
      await store.set(known, true, KNOWN_FOR);
    }
    return wait;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** In the form of RFC 6749, section 5.2. */
function slowDown(context: KoaContextWithOIDC, wait: number): void {
  context.status = 429;
  context.set('Retry-After', String(wait));
  context.set('Cache-Control', 'no-store');
  context.set('Access-Control-Allow-Origin', '*');
  context.body = {
    error: 'temporarily_unavailable',
    error_description:
      'There were too many wrong secrets of this client. Try again later.',
  };
}
