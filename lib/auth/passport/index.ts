/**
 * The strategy of `@nestjs/passport`, for applications that have it.
 *
 * @module nestjs-mcp/passport
 */
import {
  Injectable,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport';
import type { AccessToken } from '../token/access-token.js';
import { VerifierUnavailableError } from '../token/token.errors.js';
import type { RequestWithHeaders } from '../credentials/auth.provider.js';
import { verifiedTokenOf, markVerified } from '../server/carried-token.js';
import { ProtectedResources } from '../server/protected-resources.js';
import type { ServerAuth } from '../server/server-auth.js';

type Done = (error: unknown, user?: unknown) => void;

/** Hands the whole request to `validate()`, as no more than that is left to Passport. */
class RequestStrategy extends Strategy {
  constructor(private readonly verify: (request: unknown, done: Done) => void) {
    super();
  }

  override authenticate(request: unknown): void {
    this.verify(request, (error, user) => {
      if (error) {
        this.error(error);
      } else if (user) {
        this.success(user);
      } else {
        this.fail(401);
      }
    });
  }
}

/**
 * Lets `AuthGuard('mcp')` of `@nestjs/passport` verify tokens as `McpAuthGuard`
 * does. Provide it beside `McpAuthModule`, or `McpModule` with `auth`. The user
 * is what `resolveUser` makes of the token, else the token.
 *
 * @publicApi
 */
@Injectable()
export class McpBearerStrategy extends PassportStrategy(
  RequestStrategy,
  'mcp',
) {
  constructor(private readonly places: ProtectedResources) {
    super();
  }

  /**
   * @throws UnauthorizedException without a good token that has the required scopes
   * @throws ServiceUnavailableException where the token cannot be judged
   */
  async validate(request: RequestWithHeaders): Promise<unknown> {
    const { auth } = this.places.routes();
    const token =
      verifiedTokenOf(request, auth) ?? (await this.callerOf(auth, request));
    if (!token || token.isExpired() || !auth.allows(token, [])) {
      throw new UnauthorizedException();
    }
    auth.noteCaller(token);
    return (await auth.settings.resolveUser?.(token, request)) ?? token;
  }

  private async callerOf(
    auth: ServerAuth,
    request: RequestWithHeaders,
  ): Promise<AccessToken | null> {
    try {
      const token = await auth.authenticate(request);
      if (token) {
        markVerified(token, auth);
      }
      return token;
    } catch (error) {
      if (VerifierUnavailableError.is(error)) {
        throw new ServiceUnavailableException();
      }
      return null;
    }
  }
}
