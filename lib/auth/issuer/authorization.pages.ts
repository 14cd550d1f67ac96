import type { LoginField } from './login.service.js';

/** What every page needs. @publicApi */
export interface PageView {
  /** For `<style nonce>`: the page may load and run nothing else. */
  readonly nonce: string;
  /** Name of the MCP server, for people. */
  readonly serverName: string;
}

/** The form of a page: to be posted to its own URL. @publicApi */
export interface FormView extends PageView {
  /** To be sent as the hidden field `csrf`. */
  readonly csrf: string;
  /** Name of the client, as it calls itself: not to be trusted. */
  readonly clientName: string;
}

/** Asks who is there. @publicApi */
export interface LoginView extends FormView {
  readonly fields: readonly LoginField[];
  /** Whether what was entered before was wrong. */
  readonly failed: boolean;
  /** Seconds to wait before the next attempt: there were too many, so nobody looked at this one. */
  readonly waitSeconds?: number;
}

/** Asks whether a client may act for the person. @publicApi */
export interface ConsentView extends FormView {
  /** Host that the browser is sent to with the code; for an app's own scheme, the scheme. */
  readonly redirectHost: string;
  /** Whether the client is only known to be some program on the person's own machine. */
  readonly isLoopback: boolean;
  /** Host of the document that identifies the client; undefined where nothing does. */
  readonly verifiedHost?: string;
  readonly scopes: readonly string[];
  /** What scopes let the client do: `authorizationServer.scopeDescriptions`, by scope. */
  readonly scopeDescriptions?: ReadonlyMap<string, string>;
  /** Name of the identity provider that the person logs in at next; undefined where it is this server. */
  readonly providerName?: string;
  /** Who is logged in; undefined where nobody is, yet. */
  readonly displayName?: string;
  /** Whether the decision can be remembered: the form's field `remember`. */
  readonly canRemember: boolean;
}

/** Tells that something cannot go on, or that it goes on elsewhere. @publicApi */
export interface ErrorView extends PageView {
  readonly title: string;
  readonly message: string;
  /** Where the browser is being taken, for those whose browser stays; undefined where nothing goes on. */
  readonly next?: string;
}

/**
 * Makes the pages of the authorization server. Every value of a view that comes
 * from outside has to be escaped. Buttons of the consent page send `decision`
 * as `allow` or `deny`.
 *
 * @publicApi
 */
export abstract class AuthorizationPages {
  /** The page that asks who the person is. */
  abstract login(view: LoginView): string;
  /** The page that asks whether a client may act for the person. */
  abstract consent(view: ConsentView): string;
  /** The page that says why a login cannot go on, or that it goes on elsewhere. */
  abstract error(view: ErrorView): string;
}

export const PAGES_METHODS = ['login', 'consent', 'error'] as const;
