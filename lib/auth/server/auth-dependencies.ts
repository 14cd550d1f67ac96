import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { AuthChallenge } from '../challenge/auth.challenge.js';
import type { TokenVerifier } from '../verifiers/token-verifier.js';

/** What of its application a server's protection needs. */
export interface AuthDependencies {
  /** Name of the server, for people. */
  readonly name: string;
  /** Full path of what is protected. */
  readonly endpointPath: () => string;
  /** Its adapter comes later in a testing module, and never where there is no HTTP. */
  readonly adapterHost: HttpAdapterHost;
  readonly modules: ModuleRef;
  /** Whether guards of the application stand before what is protected. @default they do not */
  readonly isGuarded?: () => boolean;
  /** What goes before anything that is found. @default nothing */
  readonly injected?: InjectedAuth;
}

/** Injection token of {@link InjectedAuth}. */
export const INJECTED_AUTH = 'nestjs-mcp:injected-auth';

/** What replaces the providers of these contracts, as a test does by `overrideProvider()`: it goes before what any server finds. */
export interface InjectedAuth {
  readonly verifier?: TokenVerifier | undefined;
  readonly challenge?: AuthChallenge | undefined;
}

/** Marks providers that only stand for what a server finds. */
export const STANDS_FOR_ANOTHER = Symbol('nestjs-mcp:stands-for-another');

/** Whether a provider only stands for what a server finds. */
export function isInjectedAuth(provided: unknown): boolean {
  return (
    typeof provided === 'object' &&
    provided !== null &&
    STANDS_FOR_ANOTHER in provided
  );
}
