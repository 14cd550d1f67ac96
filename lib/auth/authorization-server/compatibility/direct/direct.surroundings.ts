import type { IssuerMetadata } from '../../../verifiers/discovery/discover-issuer.js';
import type { AuthorizationServerSettings } from '../../options/authorization-server.settings.js';
import type { ProxiedProvider } from '../proxied-options.js';
import type { DirectClients } from './direct.clients.js';
import type { DirectGrants } from './direct.grants.js';

/** What the endpoints in front of a provider share. */
export interface DirectSurroundings {
  readonly provider: ProxiedProvider;
  readonly settings: AuthorizationServerSettings;
  readonly clients: DirectClients;
  readonly grants: DirectGrants;
  /** URLs that tokens may be asked for (RFC 8707). */
  readonly resources: readonly string[];
  /** The provider's metadata; throws where there is none that can be used. */
  readonly metadata: () => Promise<IssuerMetadata>;
}
