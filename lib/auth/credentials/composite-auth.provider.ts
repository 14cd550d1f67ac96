import type { AccessToken } from '../token/access-token.js';
import { InvalidTokenError } from '../token/token.errors.js';
import { VerifierUnavailableError } from '../token/token.errors.js';
import { McpAuthProvider, type RequestWithHeaders } from './auth.provider.js';

/**
 * Asks several providers, an API key and a bearer token say. Credentials of
 * two different callers in one request are refused: which of them acts would
 * be a matter of order.
 *
 * @publicApi
 */
export class CompositeAuthProvider extends McpAuthProvider {
  /** @throws Error where the list is empty */
  constructor(private readonly providers: readonly McpAuthProvider[]) {
    super();
    if (providers.length === 0) {
      throw new Error(
        'CompositeAuthProvider: the list of providers is empty, so nobody ' +
          'could come in. Name at least one.',
      );
    }
  }

  authenticate(request: RequestWithHeaders): Promise<AccessToken | null> {
    return this.ask(async (provider) => provider.authenticate(request));
  }

  override recheck(request: RequestWithHeaders): Promise<AccessToken | null> {
    return this.ask(async (provider) => provider.recheck(request));
  }

  private async ask(
    question: (provider: McpAuthProvider) => Promise<AccessToken | null>,
  ): Promise<AccessToken | null> {
    const answers = await Promise.allSettled(this.providers.map(question));
    const callers = answers.flatMap((answer) =>
      answer.status === 'fulfilled' && answer.value ? [answer.value] : [],
    );
    const [caller, ...others] = callers;
    if (caller) {
      if (others.some((other) => !isSameCaller(caller, other))) {
        throw new InvalidTokenError('claims');
      }
      return caller;
    }
    const failures = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as unknown] : [],
    );
    const outage = failures.find((failure) =>
      VerifierUnavailableError.is(failure),
    );
    if (failures.length > 0) {
      throw outage ?? failures[0];
    }
    return null;
  }

  override async prepare(): Promise<void> {
    await Promise.all(this.providers.map((provider) => provider.prepare()));
  }
}

/** Two that name neither user nor client may be anybody. */
function isSameCaller(a: AccessToken, b: AccessToken): boolean {
  return (
    (a.subject ?? a.clientId) !== undefined &&
    a.subject === b.subject &&
    a.issuer === b.issuer &&
    a.clientId === b.clientId
  );
}
