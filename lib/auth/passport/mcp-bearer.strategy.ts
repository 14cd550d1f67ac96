import { Injectable, UnauthorizedException } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport';
import type { RequestWithHeaders } from '../guards/auth.provider.js';
import { ServerAuth } from '../guards/server-auth.js';

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
  constructor(private readonly auth: ServerAuth) {
    super();
  }

  /** @throws UnauthorizedException without a good token that has the required scopes */
  async validate(request: RequestWithHeaders): Promise<unknown> {
    const token = await this.auth.authenticate(request).catch(() => null);
    if (!token || token.isExpired() || !this.auth.allows(token, [])) {
      throw new UnauthorizedException();
    }
    return this.auth.settings.resolveUser?.(token, request) ?? token;
  }
}
