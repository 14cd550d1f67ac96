import type { ServedResources } from '../served-resources.interface.js';
import type { AuthorizationServerSettings } from '../options/authorization-server.settings.js';

/** Stands for plain access where nothing asks for a scope: a grant of nothing could not be told from a refusal. */
const PLAIN_ACCESS = 'mcp';

/** Resources that tokens are issued for, and the scopes they have. */
export class ProtectedScopes {
  constructor(
    private readonly settings: AuthorizationServerSettings,
    private readonly served: ServedResources,
  ) {}

  get resources(): readonly string[] {
    return this.served.resources;
  }

  /** Scopes that clients may ask for; refresh tokens are issued without `offline_access`. */
  get valid(): readonly string[] {
    const configured = this.settings.registration.validScopes;
    const known = (configured ?? this.served.scopes()).filter(
      (scope) => scope !== 'offline_access',
    );
    return known.length > 0 ? known : [PLAIN_ACCESS];
  }

  /** Scopes of a request that names none. */
  get default(): readonly string[] {
    return this.settings.registration.defaultScopes ?? this.valid;
  }
}
