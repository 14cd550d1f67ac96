import type {
  AuthorizationServerOptions,
  LifetimeOptions,
  LoginLimitOptions,
} from '../auth/issuer/authorization-server-options.interface.js';
import { givenOptions, shown } from '../options/option-values.js';
import {
  checkClients,
  checkRegistration,
  checkScopes,
} from './clients/check-clients.js';
import type { AuthorizationServerSettings } from './authorization-server-settings.interface.js';
import { isLoopbackHost } from './clients/redirect-uri.policy.js';
import { ENDPOINTS } from './endpoints/server-routes.js';

/**
 * Checks the identifier of the server (RFC 8414, section 2).
 *
 * @param option where it comes from, for the message
 * @throws Error naming the option, its value and the remedy
 */
export function checkIssuer(option: string, issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isSecure =
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (
    !url ||
    !isSecure ||
    url.username !== '' ||
    url.password !== '' ||
    /[?#\\\s]/.test(issuer) ||
    // What is written in another way than URLs are read is never equal to `iss`.
    (issuer !== url.href && `${issuer}/` !== url.href)
  ) {
    throw new Error(
      `authorizationServer: the issuer is "${issuer}" (${option}). It has to ` +
        'be an https URL without query, fragment and user name, such as ' +
        '"https://auth.example.com"; http is for 127.0.0.1, [::1] and ' +
        'localhost alone.',
    );
  }
}

const PATH = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)+$/;

/** @throws Error naming the option, its value and the remedy */
function checkEndpoints({
  options: { metadataPath },
  registration,
  revocation,
}: AuthorizationServerSettings): void {
  const taken = new Map<string, string>(
    Object.entries(ENDPOINTS).map(([name, path]) => [path, `the ${name} path`]),
  );
  for (const [name, path] of [
    ['registration.endpoint', registration.endpoint],
    ['revocation.endpoint', revocation.endpoint],
    ['metadataPath', metadataPath],
  ] as const) {
    if (path === undefined) {
      continue;
    }
    if (typeof path !== 'string' || !PATH.test(path)) {
      throw new Error(
        `authorizationServer.${name} is "${String(path)}". Write a path such ` +
          'as "/oauth/register".',
      );
    }
    const other = taken.get(path);
    if (other !== undefined) {
      throw new Error(
        `authorizationServer.${name} is "${path}", which is ${other} already. ` +
          'Choose another path.',
      );
    }
    taken.set(path, name);
  }
}

/** Seconds: revoked grants are remembered for that long. */
const LONGEST = 400 * 24 * 60 * 60;

/** Seconds: a copied refresh token goes unnoticed for that long. */
const LONGEST_REUSE = 300;

/** What may be 0, for never. */
const CAN_BE_ZERO = ['consent', 'refreshTokenReuse'];

/** @throws Error naming the option, its value and the remedy */
function checkLifetimes(lifetimes: Required<LifetimeOptions>): void {
  for (const [name, seconds] of Object.entries(lifetimes)) {
    const least = CAN_BE_ZERO.includes(name) ? 0 : 1;
    const most = name === 'refreshTokenReuse' ? LONGEST_REUSE : LONGEST;
    if (!Number.isSafeInteger(seconds) || seconds < least || seconds > most) {
      throw new Error(
        `authorizationServer.lifetimes.${name} is ${shown(seconds)}. Write whole ` +
          `seconds, at least ${least} and at most ${most}` +
          `${most === LONGEST ? ' (400 days)' : ''}.`,
      );
    }
  }
}

/** @throws Error naming the option, its value and the remedy */
function checkLoginLimits({
  options,
  loginLimits,
}: AuthorizationServerSettings): void {
  if (options.loginLimits !== undefined && options.upstream !== undefined) {
    throw new Error(
      'authorizationServer.loginLimits is for people who log in here, and ' +
        'authorizationServer.upstream logs them in elsewhere. Leave one of them out.',
    );
  }
  for (const [name, value] of Object.entries(loginLimits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new Error(
        `authorizationServer.loginLimits.${name} is ${shown(value)}. Write a whole ` +
          'number of at least 1.',
      );
    }
  }
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
    lifetimes: { ...LIFETIMES, ...givenOptions(options.lifetimes ?? {}) },
    loginLimits: {
      ...LOGIN_LIMITS,
      ...givenOptions(options.loginLimits ?? {}),
    },
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
  checkClients(options.clients ?? []);
}
