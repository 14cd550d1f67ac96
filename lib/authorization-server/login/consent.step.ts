import type Provider from 'oidc-provider';
import { requestedScopes } from '../provider/remembered-grant.js';
import type { ProtectedScopes } from '../provider/protected-scopes.js';
import { isLoopbackRedirect } from '../clients/redirect-uri.policy.js';
import type {
  ConsentView,
  FormView,
  PageView,
} from '../../auth/issuer/authorization.pages.js';
import type { RememberedConsents } from './remembered-consents.js';

/** An authorization request that waits for the person. */
export interface PendingRequest {
  readonly uid: string;
  /** What is asked next. */
  readonly prompt: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly redirectUri: string;
  readonly resource: string;
  readonly scopes: readonly string[];
  /** Who is logged in; undefined for nobody, yet. */
  readonly subject: string | undefined;
}

/** What the provider keeps of an authorization request. */
interface Interaction {
  readonly uid: string;
  readonly prompt: { readonly name: string };
  readonly params: Readonly<Record<string, unknown>>;
  readonly session?: { readonly accountId?: string | undefined } | undefined;
}

/** Asks a person whether a client may act for them, and writes down that it may. */
export class ConsentStep {
  constructor(
    private readonly provider: Provider,
    private readonly consents: RememberedConsents,
    private readonly scopes: ProtectedScopes,
    private readonly scopeDescriptions: ReadonlyMap<string, string>,
  ) {}

  pendingOf(
    { uid, prompt, params, session }: Interaction,
    clientName?: string,
  ): PendingRequest {
    const clientId = String(params['client_id']);
    return {
      uid,
      prompt: prompt.name,
      clientId,
      clientName: clientName ?? clientId,
      redirectUri: String(params['redirect_uri']),
      resource: this.resourceOf(params['resource']),
      scopes: requestedScopes(params['scope'], this.scopes),
      subject: prompt.name === 'login' ? undefined : session?.accountId,
    };
  }

  /** Of several resources in a request, the first is what tokens are for. */
  private resourceOf(requested: unknown): string {
    const [resource] = [requested ?? this.scopes.resources].flat();
    return typeof resource === 'string' ? resource : '';
  }

  /** The page's content. */
  describe(
    pending: PendingRequest,
    person: Pick<ConsentView, 'displayName' | 'providerName'>,
  ): Omit<ConsentView, keyof PageView | 'csrf'> & Pick<FormView, 'clientName'> {
    const { redirectUri, clientName, scopes, clientId } = pending;
    const { protocol, host } = new URL(redirectUri);
    const isWeb = protocol === 'https:' || protocol === 'http:';
    return {
      clientName,
      redirectHost: isWeb ? host : protocol,
      isLoopback: isLoopbackRedirect(redirectUri),
      ...(clientId.startsWith('https://') && {
        verifiedHost: new URL(clientId).host,
      }),
      scopes,
      scopeDescriptions: this.scopeDescriptions,
      ...person,
      canRemember: this.consents.lifetime > 0 && pending.subject !== undefined,
    };
  }

  /** Grants what was asked for, and returns the id of the grant. */
  async grant(
    { clientId, redirectUri, resource, scopes }: PendingRequest,
    subject: string,
    remember: boolean,
  ): Promise<string> {
    await this.consents.meet({ subject, clientId, redirectUri });
    if (remember) {
      await this.consents.remember(
        { subject, clientId, redirectUri, resource },
        scopes,
      );
    }
    const grant = new this.provider.Grant({ accountId: subject, clientId });
    grant.addResourceScope(resource, scopes.join(' '));
    return grant.save();
  }
}
