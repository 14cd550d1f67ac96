import type { Logger } from '@nestjs/common';
import type { McpSecurityEvents } from '../../events/security-events.js';
import type { ConsentMemory } from '../interaction/consent.memory.js';
import type { PageResponder } from '../interaction/page.responder.js';
import type { SigningKey } from '../keys/signing-keys.js';
import type { LocalTokenVerifier } from '../local-token.verifier.js';
import type { AuthorizationServerSettings } from '../options/authorization-server.settings.js';
import type { StepUps } from '../step-ups.js';
import type { OAuthStore } from '../storage/oauth.store.js';
import type { ProtectedScopes } from './protected-scopes.js';

/** What the provider is made of. */
export interface ProviderParts {
  readonly issuer: string;
  readonly basePath: string;
  readonly settings: AuthorizationServerSettings;
  readonly keys: readonly [SigningKey, ...SigningKey[]];
  readonly secrets: readonly string[];
  readonly store: OAuthStore;
  readonly events: McpSecurityEvents;
  readonly verifier: LocalTokenVerifier;
  readonly stepUps: StepUps;
  readonly scopes: ProtectedScopes;
  readonly consents: ConsentMemory;
  readonly responder: PageResponder;
  /** Whether a person who has logged in here need not log in elsewhere again. */
  readonly isKnown: (subject: string) => Promise<boolean>;
  readonly logger: Logger;
}
