import { checkClients } from './check-clients.js';
import { checkLoginLimits } from './check-login-limits.js';
import { checkEndpoints } from './check-endpoints.js';
import { checkIssuer } from './check-issuer.js';
import { checkLifetimes } from './check-lifetimes.js';
import { checkRegistration } from './check-registration.js';
import { checkScopes } from './check-scopes.js';
import type { LoginLimitOptions } from '../login/login.limits.js';
import type {
  AuthorizationServerOptions,
  LifetimeOptions,
} from './authorization-server-options.interface.js';
import type { ClientIdMetadataOptions } from './endpoint-options.interface.js';

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

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/** Access tokens are short-lived, as nobody can take back what a JWT says (RFC 9700, section 2.2.2). */
const LIFETIMES: Required<LifetimeOptions> = {
  accessToken: 10 * MINUTE,
  refreshToken: 30 * DAY,
  refreshTokenReuse: 30,
  code: MINUTE,
  interaction: 10 * MINUTE,
  session: 8 * 60 * MINUTE,
  consent: 90 * DAY,
  unusedClient: DAY,
  usedClient: 365 * DAY,
};

const LOGIN_LIMITS: Required<LoginLimitOptions> = {
  maxFailures: 10,
  maxFailuresPerAccount: 50,
  maxFailuresPerAddress: 100,
  window: 60 * MINUTE,
};

/** @throws Error naming the option, its value and the remedy */
export function authorizationServerSettings(
  options: AuthorizationServerOptions,
): AuthorizationServerSettings {
  const { registration = {}, revocation = {}, clientIdMetadata = {} } = options;
  const settings: AuthorizationServerSettings = {
    options,
    lifetimes: { ...LIFETIMES, ...definedOf(options.lifetimes ?? {}) },
    loginLimits: { ...LOGIN_LIMITS, ...definedOf(options.loginLimits ?? {}) },
    registration: {
      enabled: registration.enabled ?? true,
      endpoint: registration.endpoint ?? '/oauth/register',
      clientName: registration.clientName ?? 'MCP client',
      redirectUris: registration.redirectUris ?? [
        'loopback',
        'https',
        'cursor',
        'vscode',
      ],
      validScopes: registration.validScopes,
      defaultScopes: registration.defaultScopes,
      secretExpirySeconds: registration.secretExpirySeconds ?? 0,
      initialAccessToken: registration.initialAccessToken,
      maxPerHour: registration.maxPerHour ?? 1000,
      maxPerHourAndAddress: registration.maxPerHourAndAddress ?? 60,
    },
    clientIdMetadata: {
      enabled: clientIdMetadata !== false,
      ...(typeof clientIdMetadata === 'object' && clientIdMetadata),
    },
    revocation: {
      enabled: revocation.enabled ?? true,
      endpoint: revocation.endpoint ?? '/oauth/revoke',
      authMethod: revocation.authMethod,
    },
  };
  check(settings);
  return settings;
}

function check(settings: AuthorizationServerSettings): void {
  const { options } = settings;
  if (options.issuer !== undefined) {
    checkIssuer('authorizationServer.issuer', options.issuer);
  }
  checkLifetimes(settings.lifetimes);
  checkLoginLimits(settings);
  checkRegistration(settings);
  checkEndpoints(settings);
  checkScopes(settings);
  if (options.login !== undefined && options.upstream !== undefined) {
    throw new Error(
      'authorizationServer.login and authorizationServer.upstream both log ' +
        'people in. Leave one of them out.',
    );
  }
  if (options.forwardUpstreamToken && options.upstream === undefined) {
    throw new Error(
      'authorizationServer.forwardUpstreamToken is true, but there is no ' +
        'upstream whose tokens could be forwarded. Set ' +
        'authorizationServer.upstream, or leave it out.',
    );
  }
  (options.secrets ?? []).forEach((secret: unknown, index) => {
    if (typeof secret !== 'string' || secret.length < 32) {
      const found =
        typeof secret === 'string'
          ? `has ${secret.length} characters`
          : `is ${secret === undefined ? 'undefined' : 'no text'}`;
      throw new Error(
        `authorizationServer.secrets[${index}] ${found}. Use 32 characters ` +
          'or more, made at random, such as by `openssl rand -hex 32`.',
      );
    }
  });
  checkClients(options.clients ?? []);
}

function definedOf<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as T;
}
