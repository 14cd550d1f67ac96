import { Logger } from '@nestjs/common';
import { VerifierUnavailableError } from '../../auth/token/token.errors.js';
import type { AuthorizationServerSettings } from '../../authorization-server/authorization-server-settings.interface.js';
import {
  type OAuthRequest,
  OAuthRefusal,
  RETRY_AFTER,
  sendJson,
} from '../../authorization-server/endpoints/oauth.request.js';
import {
  ENDPOINTS,
  type ServerRoute,
} from '../../authorization-server/endpoints/server-routes.js';
import type { PageResponder } from '../../authorization-server/login/page.responder.js';
import { AuthorizeEndpoint, NoLoginError } from './authorize.endpoint.js';
import { UnsuitableProviderError } from './check-direct-provider.js';
import type { DirectDependencies } from './direct.clients.js';
import { directMetadata } from './direct.metadata.js';
import type { IssProbe } from './iss.probe.js';
import { ProviderTokens } from './provider.tokens.js';
import { RegisterEndpoint } from './register.endpoint.js';
import { TokenEndpoint } from './token.endpoint.js';

/** Path of the metadata, and what every route to it stands for (RFC 8414, section 3). */
const METADATA = '/.well-known/oauth-authorization-server';

/** Every route in front of a provider; that of OpenID metadata is not among them, as there are no ID tokens. */
export function directRoutes(
  { options, registration }: AuthorizationServerSettings,
  basePath: string,
  isOnlyOne: boolean,
): readonly ServerRoute[] {
  const metadata = [
    `${METADATA}${basePath}`,
    ...(isOnlyOne ? [METADATA] : []),
    ...(options.metadataPath === undefined ? [] : [options.metadataPath]),
  ];
  return [
    ...[ENDPOINTS.authorize, ENDPOINTS.token, registration.endpoint].map(
      (path) => ({ path: `${basePath}${path}` }),
    ),
    ...[...new Set(metadata)].map((path) => ({ path, url: METADATA })),
  ];
}

/** What answers at one path. */
interface Endpoint {
  readonly method: 'GET' | 'POST';
  handle(exchange: OAuthRequest): Promise<void>;
}

/** Finds the endpoint of a request, and answers for it where it refuses. */
export class DirectEndpoints {
  private readonly logger = new Logger('McpOAuthProxy');
  private readonly surroundings: DirectDependencies;
  private readonly byPath: ReadonlyMap<string, Endpoint>;

  /** @param issuer that of this server */
  constructor(
    given: DirectDependencies,
    private readonly issuer: string,
    probe: IssProbe,
    private readonly pages: PageResponder,
  ) {
    this.surroundings = { ...given, metadata: () => this.reach(given) };
    const { settings } = given;
    const authorize = new AuthorizeEndpoint(this.surroundings, probe);
    const token = new TokenEndpoint(
      this.surroundings,
      new ProviderTokens(this.surroundings),
    );
    const register = new RegisterEndpoint(this.surroundings);
    this.byPath = new Map<string, Endpoint>([
      [METADATA, { method: 'GET', handle: (each) => this.describe(each) }],
      [
        ENDPOINTS.authorize,
        { method: 'GET', handle: (each) => authorize.handle(each) },
      ],
      [
        ENDPOINTS.token,
        { method: 'POST', handle: (each) => token.handle(each) },
      ],
      [
        settings.registration.endpoint,
        { method: 'POST', handle: (each) => register.handle(each) },
      ],
    ]);
  }

  async handle(exchange: OAuthRequest): Promise<void> {
    const { request, response, url } = exchange;
    const [path = ''] = url.split('?', 1);
    const endpoint = this.byPath.get(path.replace(/(?<=.)\/$/, ''));
    if (!endpoint) {
      sendJson(response, 404, refusal('invalid_request', 'nothing is here'));
    } else if (request.method === 'OPTIONS' && path !== ENDPOINTS.authorize) {
      response.writeHead(204, {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': endpoint.method,
        'access-control-allow-headers': '*, authorization',
        'access-control-max-age': '600',
      });
      response.end();
    } else if (
      request.method !== endpoint.method &&
      !(request.method === 'HEAD' && path === METADATA)
    ) {
      response.setHeader('allow', endpoint.method);
      sendJson(
        response,
        405,
        refusal('invalid_request', `the method has to be ${endpoint.method}`),
      );
    } else {
      await endpoint.handle(exchange).catch((error: unknown) => {
        this.refuse(exchange, error);
      });
    }
  }

  private async describe({ response }: OAuthRequest): Promise<void> {
    const { settings, provider, metadata } = this.surroundings;
    const document = await metadata();
    response.setHeader('x-content-type-options', 'nosniff');
    sendJson(
      response,
      200,
      directMetadata(this.issuer, settings, provider.scopes, document),
    );
  }

  /** @throws OAuthRefusal where there is no metadata that can be used */
  private async reach(
    given: DirectDependencies,
  ): ReturnType<DirectDependencies['metadata']> {
    try {
      return await given.metadata();
    } catch (error) {
      if (
        error instanceof UnsuitableProviderError ||
        VerifierUnavailableError.is(error)
      ) {
        this.logger.error((error as Error).message);
        throw new OAuthRefusal(
          'temporarily_unavailable',
          'the identity provider cannot be used now',
          503,
        );
      }
      throw error;
    }
  }

  private refuse({ response }: OAuthRequest, error: unknown): void {
    const { status } = error as { status?: unknown };
    if (status === 503) {
      response.setHeader('retry-after', RETRY_AFTER);
    }
    if (error instanceof NoLoginError) {
      this.pages.error(response, error.status, {
        title: 'This login cannot go on',
        message: error.message,
      });
    } else if (error instanceof OAuthRefusal) {
      const { code, description } = error;
      if (code === 'invalid_token') {
        response.setHeader('www-authenticate', `Bearer error="${code}"`);
      }
      sendJson(response, error.status, refusal(code, description));
    } else {
      throw error;
    }
  }
}

function refusal(error: string, description: string) {
  return { error, error_description: description };
}
