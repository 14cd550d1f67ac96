import type {
  AuthorizationServerOptions,
  LifetimeOptions,
  LoginLimitOptions,
} from '../auth/issuer/authorization-server-options.interface.js';
import type { ClientIdMetadataOptions } from '../auth/issuer/endpoint-options.interface.js';

/** Options with their defaults. */
export interface AuthorizationServerSettings {
  readonly options: AuthorizationServerOptions;
  readonly lifetimes: Required<LifetimeOptions>;
  readonly loginLimits: Required<LoginLimitOptions>;
  readonly registration: {
    readonly enabled: boolean;
    readonly endpoint: string;
    readonly clientName: string;
    readonly redirectUris: readonly string[];
    readonly validScopes: readonly string[] | undefined;
    readonly defaultScopes: readonly string[] | undefined;
    readonly secretExpirySeconds: number;
    readonly initialAccessToken: string | undefined;
    readonly maxPerHour: number | false;
    readonly maxPerHourAndAddress: number | false;
  };
  readonly clientIdMetadata: ClientIdMetadataOptions & {
    readonly enabled: boolean;
  };
  readonly revocation: {
    readonly enabled: boolean;
    readonly endpoint: string;
    readonly authMethod:
      'none' | 'client_secret_basic' | 'client_secret_post' | undefined;
  };
}
