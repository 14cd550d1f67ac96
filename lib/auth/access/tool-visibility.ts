import type { AccessToken } from '../token/access-token.js';
import type { AccessRule } from './access-rule.js';

/** What a {@link ToolVisibility} decides on. @publicApi */
export interface VisibilityQuestion {
  readonly kind: 'tool' | 'resource' | 'prompt' | 'completion';
  /** Of the tool or prompt; URI, or URI template, of the resource. */
  readonly name: string;
  /** Controller or provider that declares it, and its method: the carriers of decorators of your own. */
  readonly owner: object;
  readonly handler: object;
  /** Null for an anonymous caller. */
  readonly token: AccessToken | null;
}

/**
 * Decides which tools, resources and prompts there are for a caller: by tenant,
 * role or feature flag. What is not visible cannot be called either, and looks
 * like what does not exist. Provide one in any module:
 * `{ provide: ToolVisibility, useClass: Mine }`.
 *
 * @publicApi
 */
export abstract class ToolVisibility {
  /** One that throws hides the operation. */
  abstract isVisible(question: VisibilityQuestion): boolean | Promise<boolean>;
}

/** One way to call a tool, as some clients read it from its `_meta`. */
type SecurityScheme =
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
