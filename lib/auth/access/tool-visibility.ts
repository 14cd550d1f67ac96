import type { AccessToken } from '../access-token.js';

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
