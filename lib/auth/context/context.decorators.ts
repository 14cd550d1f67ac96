import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { getHttpHeaders } from './http-headers.js';
import { getAccessToken } from './request-context.js';

/** The caller's verified {@link AccessToken}; null where the caller is anonymous. @publicApi */
export const McpToken = createParamDecorator(() => getAccessToken());

/**
 * What the application's own guard, or the `resolveUser` option, made of the
 * caller: `request.user`.
 *
 * @publicApi
 */
export const McpUser = createParamDecorator(
  (property: string | undefined, context: ExecutionContext): unknown => {
    const { user } = context
      .switchToHttp()
      .getRequest<{ user?: Record<string, unknown> }>();
    return property === undefined ? user : user?.[property];
  },
);

/** The caller's headers but for the sensitive ones, see {@link getHttpHeaders}. @publicApi */
export const McpHeaders = createParamDecorator(
  (include: readonly string[] | undefined) =>
    getHttpHeaders(include ? { include } : {}),
);
