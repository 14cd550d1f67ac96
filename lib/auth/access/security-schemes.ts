import type { AccessRule } from './access-rule.js';

/** One way to call a tool, as some clients read it from its `_meta`. */
export type SecurityScheme =
  | { readonly type: 'noauth' }
  | { readonly type: 'oauth2'; readonly scopes?: readonly string[] };

/** How a tool with this rule may be called, best known to clients as `securitySchemes`. */
export function securitySchemes(
  { isPublic }: AccessRule,
  scopes: readonly string[],
): readonly SecurityScheme[] {
  return isPublic
    ? [{ type: 'noauth' }, { type: 'oauth2' }]
    : [{ type: 'oauth2', ...(scopes.length > 0 && { scopes }) }];
}
