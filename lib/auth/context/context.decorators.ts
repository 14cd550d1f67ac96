import {
  createParamDecorator,
  type ExecutionContext,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { getHttpHeaders } from './http-headers.js';
import { getAccessToken } from './request-context.js';

/**
 * A parameter decorator that takes data and pipes. Written out, as the type
 * that Nest 12 infers names another that Nest 11 does not have.
 */
type DecoratorOf<Data> = (
  ...dataOrPipes: (Type<PipeTransform> | PipeTransform | Data)[]
) => ParameterDecorator;

/** The caller's verified {@link AccessToken}; null where the caller is anonymous. @publicApi */
export const McpToken: DecoratorOf<never> = createParamDecorator(() =>
  getAccessToken(),
);

/**
 * What the application's own guard, or the `resolveUser` option, made of the
 * caller: `request.user`.
 *
 * @publicApi
 */
export const McpUser: DecoratorOf<string> = createParamDecorator(
  (property: string | undefined, context: ExecutionContext): unknown => {
    const { user } = context
      .switchToHttp()
      .getRequest<{ user?: Record<string, unknown> }>();
    return property === undefined ? user : user?.[property];
  },
);

/** The caller's headers but for the sensitive ones, see {@link getHttpHeaders}. @publicApi */
export const McpHeaders: DecoratorOf<readonly string[]> = createParamDecorator(
  (include: readonly string[] | undefined) =>
    getHttpHeaders(include ? { include } : {}),
);
