import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { IncomingHttpHeaders } from 'node:http';
import { findContract, findNamed } from '../../nest/contracts.js';
import type { AccessToken } from '../token/access-token.js';

/** What every request of an adapter has. */
export interface RequestWithHeaders {
  readonly headers: IncomingHttpHeaders;
}

/**
 * Finds the caller in a request. Provide one of your own, or name it in
 * `auth.provider`, where tokens are not sent as RFC 6750 says.
 *
 * @publicApi
 */
export abstract class McpAuthProvider {
  /**
   * @param request Express's `Request` or a `FastifyRequest`: the whole of it
   * @returns null where the request carries no credentials
   * @throws VerifierUnavailableError where they cannot be judged (503);
   *   anything else that is thrown means bad credentials (401)
   */
  abstract authenticate(
    request: RequestWithHeaders,
  ): Promise<AccessToken | null>;

  /**
   * Finds the caller again in an earlier request, whose answer is a stream that
   * is still open. Override it where credentials can be used only once.
   *
   * @returns null where the credentials do not hold any longer
   * @throws as `authenticate()` does
   * @default `authenticate()`
   */
  recheck(request: RequestWithHeaders): Promise<AccessToken | null> {
    return this.authenticate(request);
  }

  /**
   * Called once at start-up.
   *
   * @throws Error where the provider cannot work as it is configured
   */
  prepare(): Promise<void> {
    return Promise.resolve();
  }
}

const METHODS = ['authenticate', 'recheck', 'prepare'] as const;

/**
 * The provider that `auth.provider` names, else the application's own;
 * undefined where there is neither.
 *
 * @throws Error where it lacks a method, or there is no telling which one is meant
 */
export function findAuthProvider(
  given: McpAuthProvider | Type<McpAuthProvider> | undefined,
  modules: ModuleRef,
): McpAuthProvider | undefined {
  return (
    findNamed(modules, given, METHODS, 'auth.provider') ??
    findContract(modules, McpAuthProvider, METHODS, 'auth.provider')
  );
}
