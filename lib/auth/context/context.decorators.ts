import {
  createParamDecorator,
  type ExecutionContext,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { isWithheldHeader } from '../../platform/header-rules.js';
import { currentHeaders, getAccessToken } from './request-context.js';

/**
 * The headers of the request being served, with lower-case names. Empty outside
 * a request; never throws.
 *
 * @param options `include` names headers, in any case, that are wanted although
 * they are sensitive: `authorization`, `cookie`
 * @publicApi
 */
export function getHttpHeaders(
  options: { readonly include?: readonly string[] } = {},
): Record<string, string> {
  const included = new Set(options.include?.map((name) => name.toLowerCase()));
  return Object.fromEntries(
    Object.entries(currentHeaders()).flatMap(([name, value]) =>
      value !== undefined && (included.has(name) || !isWithheldHeader(name))
        ? [[name, [value].flat().join(', ')]]
        : [],
    ),
  );
}

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
