import { sameResource } from '../../auth/verifiers/audience-rule.js';
import type { ServedResources } from '../../auth/issuer/authorization-server-options.interface.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';

/** Stands for plain access where nothing asks for a scope: a grant of nothing could not be told from a refusal. */
const PLAIN_ACCESS = 'mcp';

/** Resources that tokens are issued for, and the scopes they have. */
export class ProtectedScopes {
  private readonly byClient: ReadonlyMap<string, readonly string[]>;

  constructor(
    private readonly settings: AuthorizationServerSettings,
    private readonly served: ServedResources,
  ) {
    this.byClient = new Map(
      (settings.options.clients ?? []).flatMap(({ clientId, scopes }) =>
        scopes === undefined ? [] : [[clientId, scopes] as const],
      ),
    );
  }

  get resources(): readonly string[] {
    return this.served.resources;
  }

  /** A resource as the server names it, whichever of its equal names a client wrote; as it is where it is none. */
  named(resource: unknown): unknown {
    if (Array.isArray(resource))
      return resource.map((each) => this.named(each));
    return typeof resource === 'string'
      ? (sameResource(this.resources, resource) ?? resource)
      : resource;
  }

  /** Scopes that clients may ask for; refresh tokens are issued without `offline_access`. */
  get valid(): readonly string[] {
    const { validScopes, defaultScopes = [] } = this.settings.registration;
    const known = validScopes ?? [...this.served.scopes(), ...defaultScopes];
    const kept = [...new Set(known)].filter(
      (scope) => scope !== 'offline_access',
    );
    return kept.length > 0 ? kept : [PLAIN_ACCESS];
  }

  /** Scopes of a request that names none. */
  get default(): readonly string[] {
    return this.settings.registration.defaultScopes ?? this.valid;
  }

  /** Of the valid scopes, those that this client may ask for. */
  validFor(clientId: string | undefined): readonly string[] {
    return this.byClient.get(clientId ?? '') ?? this.valid;
  }

  /**
   * What a request asks for: those of its scopes that this client may have; the
   * default ones where it names none that there is, as the answer with the token
   * says which were granted (RFC 6749, section 3.3).
   *
   * @returns undefined where it names scopes of others alone
   */
  narrow(
    requested: string | undefined,
    clientId: string | undefined,
  ): readonly string[] | undefined {
    const allowed = this.validFor(clientId);
    const names = (requested ?? '').split(' ').filter((name) => name !== '');
    const named = names.filter((name) => allowed.includes(name));
    if (named.length > 0) {
      return named;
    }
    return names.some((name) => this.valid.includes(name))
      ? undefined
      : this.defaultFor(clientId);
  }

  private defaultFor(clientId: string | undefined): readonly string[] {
    const own = this.byClient.get(clientId ?? '');
    const shared = this.default.filter((scope) => own?.includes(scope) ?? true);
    return shared.length > 0 ? shared : (own ?? []);
  }
}
