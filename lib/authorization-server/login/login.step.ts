import { createHash } from 'node:crypto';
import type Provider from 'oidc-provider';
import type { McpSecurityEvents } from '../../auth/audit/security-events.js';
import type {
  LoggedIn,
  LoginField,
  LoginForm,
  LoginService,
} from '../../auth/issuer/login.service.js';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import { placeOf } from '../endpoints/oauth.request.js';
import type { PendingRequest } from './consent.step.js';
import type { LoginLimits } from './login.limits.js';

type Interaction = InstanceType<Provider['Interaction']>;

/**
 * Ends the login of somebody else in the same browser, before another person
 * goes on there. The provider would do it by a page of its own, with a script,
 * and would revoke what the first person had allowed.
 */
export async function leaveOtherAccount(
  provider: Provider,
  interaction: Interaction,
  subject: string,
): Promise<void> {
  const { session } = interaction;
  if (session?.accountId === undefined || session.accountId === subject) {
    return;
  }
  const other = await provider.Session.findByUid(session.uid);
  await other?.destroy();
  delete interaction.session;
  await interaction.save(remainingSeconds(interaction));
}

/** For how long an interaction is still kept, at least 1. */
export function remainingSeconds({ exp }: { readonly exp: number }): number {
  return Math.max(1, exp - Math.floor(Date.now() / 1000));
}

/** What came of an attempt to log in. */
type LoginAttempt =
  | { readonly outcome: 'success'; readonly person: LoggedIn }
  | { readonly outcome: 'failed' }
  /** This was one too many for the page. */
  | { readonly outcome: 'ended' }
  /** Nobody looked at what was entered. */
  | { readonly outcome: 'slowed'; readonly wait: number };

/** What a {@link LoginStep} is made of. */
interface LoginParts {
  readonly service: LoginService;
  readonly limits: LoginLimits;
  readonly store: OAuthStore;
  readonly events: McpSecurityEvents;
  readonly issuer: string;
  /** Failures after which a page ends. */
  readonly maxFailures: number;
  /** Seconds that a page lives. */
  readonly lifetime: number;
}

/** Asks a person who they are, a limited number of times, and tells of each failure. */
export class LoginStep {
  constructor(private readonly parts: LoginParts) {}

  get fields(): readonly LoginField[] {
    return this.parts.service.fields;
  }

  /** Judges what was entered at the page of a login. */
  async attempt(
    { uid, clientId }: PendingRequest,
    form: LoginForm,
    address: string,
  ): Promise<LoginAttempt> {
    const { service, limits, store, maxFailures, lifetime } = this.parts;
    const account = service.accountOf(form);
    const tell = (reason: 'credentials' | 'ended' | 'slowed'): void =>
      this.tell(reason, account, clientId, address);
    const origin = { account, address: placeOf(address) };
    const wait = await limits.admit(origin);
    if (wait > 0) {
      tell('slowed');
      return { outcome: 'slowed', wait };
    }
    const attempts = await store.add(attemptsKey(uid), 1, lifetime);
    const person =
      attempts > maxFailures
        ? null
        : await service.login(form).catch(async (error: unknown) => {
            await limits.forgive(origin);
            await store.add(attemptsKey(uid), -1, lifetime);
            throw error;
          });
    if (person) {
      await limits.succeed(origin);
      return { outcome: 'success', person };
    }
    const outcome = attempts >= maxFailures ? 'ended' : 'failed';
    tell(outcome === 'ended' ? 'ended' : 'credentials');
    return { outcome };
  }

  private tell(
    reason: 'credentials' | 'ended' | 'slowed',
    account: string,
    clientId: string,
    address: string,
  ): void {
    const { events, issuer } = this.parts;
    events.emit(() => ({
      type: 'login_failed',
      reason,
      clientId,
      issuer,
      address,
      accountDigest: createHash('sha256').update(account).digest('hex'),
    }));
  }
}

function attemptsKey(uid: string): string {
  return `login-attempts:${createHash('sha256').update(uid).digest('base64url')}`;
}
