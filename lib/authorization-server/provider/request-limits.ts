import type { Adapter, KoaContextWithOIDC } from 'oidc-provider';
import { isJsonObject } from '../../auth/fetch/guarded-fetch.js';
import { OAuthRefusal } from '../endpoints/oauth.request.js';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import type { PageResponder } from '../login/page.responder.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import { boundedMetadata, lengthOf } from '../clients/registration.limits.js';
import { RegistrationLimits } from '../clients/registration.limits.js';
import { publicClientId } from '../clients/client-rules.js';
import { answerWithError } from '../login/interaction-failure.js';
import type { ParsedRequest } from '../clients/presented-client.js';

/** Characters that one parameter of an authorization request may have. */
const MAX_PARAMETER = 4000;

/** Characters that all of them may have. */
const MAX_PARAMETERS = 12_000;

interface Parts {
  readonly settings: AuthorizationServerSettings;
  readonly responder: PageResponder;
}

type Next = () => Promise<void>;

/**
 * Bounds what anybody can have the server keep without having logged in:
 * authorization requests, which wait for a login, and registrations.
 *
 * @param clients where registered clients are found
 */
export function limitRequests(
  { settings, responder }: Parts,
  clients: Pick<Adapter, 'find'>,
) {
  const { registration } = settings;
  const limits = new RegistrationLimits(registration);
  return (context: KoaContextWithOIDC, next: Next): Promise<void> => {
    if (context.path === ENDPOINTS.authorize) {
      return limitParameters(context, responder, next);
    }
    return context.path === registration.endpoint && context.method === 'POST'
      ? limitRegistration(context, next)
      : next();
  };

  async function limitRegistration(
    context: KoaContextWithOIDC,
    next: Next,
  ): Promise<void> {
    const request = context.req as ParsedRequest;
    if (!isJsonObject(request.body)) {
      return next();
    }
    const body = bound(context, request.body);
    if (!body) {
      return;
    }
    request.body = body;
    const id = publicClientId(body);
    if (
      // Whoever has the token is trusted with its use.
      registration.initialAccessToken !== undefined ||
      // Registering again, as clients do, leaves nothing behind.
      (id !== undefined && (await clients.find(id)))
    ) {
      return next();
    }
    const address = request.callerAddress ?? '';
    const wait = limits.admit(address);
    if (wait !== undefined) {
      context.set('Retry-After', String(wait));
      refuse(context, 429, {
        error: 'temporarily_unavailable',
        error_description: 'Too many clients have registered. Try again later.',
      });
      return;
    }
    try {
      await next();
    } finally {
      if (context.status !== 201) {
        limits.giveBack(address);
      }
    }
  }
}

/** What of the metadata is kept; undefined where it is refused, and answered. */
function bound(
  context: KoaContextWithOIDC,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  try {
    return boundedMetadata(body);
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) {
      throw error;
    }
    refuse(context, error.status, {
      error: error.code,
      error_description: error.description,
    });
    return undefined;
  }
}

async function limitParameters(
  context: KoaContextWithOIDC,
  responder: PageResponder,
  next: Next,
): Promise<void> {
  const { body } = context.req as ParsedRequest;
  const form = context.method === 'POST' && isJsonObject(body) ? body : {};
  // As it was asked, before it is narrowed to what there is.
  const [, query = ''] = context.originalUrl.split('?');
  const given = [
    ...new URLSearchParams(query),
    ...Object.entries(form).flatMap(([name, values]) =>
      [values].flat().map((value): [string, unknown] => [name, value]),
    ),
  ];
  const lengths = given.map(([, value]) => lengthOf(value));
  const total = given.reduce(
    (sum, [name], position) => sum + name.length + (lengths[position] ?? 0),
    0,
  );
  if (total > MAX_PARAMETERS || Math.max(0, ...lengths) > MAX_PARAMETER) {
    context.status = 400;
    answerWithError(context, responder, {
      error: 'invalid_request',
      error_description: `A parameter is longer than ${MAX_PARAMETER} characters, or all are longer than ${MAX_PARAMETERS}`,
    });
    return;
  }
  await next();
}

/** In RFC 7591's form (section 3.2.2). */
function refuse(
  context: KoaContextWithOIDC,
  status: number,
  body: { readonly error: string; readonly error_description: string },
): void {
  context.status = status;
  context.body = body;
  context.set('Cache-Control', 'no-store');
}
