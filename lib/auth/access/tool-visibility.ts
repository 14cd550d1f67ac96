import type { AccessToken } from '../access-token.js';

/** What a {@link ToolVisibility} decides on. @publicApi */
export interface VisibilityQuestion {
  /** Name of the tool. */
  readonly tool: string;
  /** Controller or provider that declares it, and its method: the carriers of decorators of your own. */
  readonly owner: object;
  readonly handler: object;
  /** Null for an anonymous caller. */
  readonly token: AccessToken | null;
}

/**
 * Decides which tools there are for a caller: by tenant, role or feature flag.
 * A tool that is not visible cannot be called either, and looks like one that
 * does not exist. Provide one in any module:
 * `{ provide: ToolVisibility, useClass: Mine }`.
 *
 * @publicApi
 */
export abstract class ToolVisibility {
  /** One that throws hides the tool. */
  abstract isVisible(question: VisibilityQuestion): boolean | Promise<boolean>;
}
