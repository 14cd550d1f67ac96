import {
  UPSTREAM_PRESET,
  type UpstreamAuthMethod,
  type UpstreamOAuth,
  type UpstreamOptions,
  type UpstreamPreset,
} from '../../auth/issuer/upstream-options.interface.js';
import {
  hasCredentials,
  isScope,
  readSecureUrl,
  shown,
} from '../../options/option-values.js';

const OPTION = 'authorizationServer.upstream';

/** Options whose preset is no more than the login. */
type PresetOptions = Omit<UpstreamOptions, 'preset'> & {
  readonly preset?: UpstreamPreset;
};

/** Takes the login of what `auth0()` and the like return. */
export function presetOptions({
  preset,
  ...options
}: UpstreamOptions): PresetOptions {
  return {
    ...options,
    ...(preset && {
      preset: UPSTREAM_PRESET in preset ? preset[UPSTREAM_PRESET] : preset,
    }),
  };
}

/** Parameters that the login itself is made of. */
const RESERVED = new Set([
  'client_id',
  'client_secret',
  'response_type',
  'response_mode',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
]);

/** @throws Error naming the option, its value, unless it is secret, and the remedy */
function checkUpstreamOptions(options: PresetOptions): void {
  checkProvider(options);
  for (const name of ['clientId', 'clientSecret'] as const) {
    if (typeof options[name] !== 'string' || options[name].trim() === '') {
      throw wrong(
        name,
        'is empty',
        'Register this server at the provider as a confidential client, with ' +
          'the redirect URI <issuer>/oauth/callback, and set what you get.',
      );
    }
  }
  checkScopes(options);
  checkParameters(options);
  const { timeout, authMethod, name } = options;
  if (timeout !== undefined && !(timeout > 0 && timeout < 2 ** 31)) {
    throw wrong(
      'timeout',
      `is ${shown(timeout)}`,
      'Give milliseconds, above 0.',
    );
  }
  if (
    authMethod !== undefined &&
    !['client_secret_basic', 'client_secret_post'].includes(authMethod)
  ) {
    throw wrong(
      'authMethod',
      `is "${String(authMethod)}"`,
      'Use "client_secret_basic" or "client_secret_post".',
    );
  }
  if (name?.trim() === '') {
    throw wrong('name', 'is empty', 'Leave it out, or name the provider.');
  }
}

function checkProvider(options: PresetOptions): void {
  const { issuer, preset, metadataUrl, authorizationEndpoint } = options;
  for (const [name, url] of [
    ['metadataUrl', metadataUrl],
    ['authorizationEndpoint', authorizationEndpoint],
  ] as const) {
    if (url !== undefined && preset) {
      throw wrong(
        name,
        `is given beside preset ("${preset.name}"), which knows it`,
        'Leave it out, or describe the provider by issuer.',
      );
    }
    if (url !== undefined) {
      checkUrl(name, url, name === 'metadataUrl' ? /#/ : /[?#]/);
    }
  }
  if (
    (issuer === undefined) === (preset === undefined) &&
    metadataUrl === undefined
  ) {
    const found = issuer === undefined ? 'Neither' : 'Both';
    throw new Error(
      `${OPTION}: ${found} of issuer${issuer ? ` ("${issuer}")` : ''} and ` +
        `preset${preset ? ` ("${preset.name}")` : ''} are given. Give one: ` +
        'issuer for an OpenID provider found by discovery, or a preset such as ' +
        'googleLogin().',
    );
  }
  if (issuer !== undefined) {
    checkUrl('issuer', issuer, /[?#]/);
  }
  if (preset) {
    if ((preset.issuer === undefined) === (preset.oauth === undefined)) {
      throw wrong(
        'preset',
        `("${preset.name}") has to have either issuer or oauth`,
        'Give issuer for an OpenID provider, oauth for one of plain OAuth.',
      );
    }
    if (preset.issuer !== undefined) {
      checkUrl('preset.issuer', preset.issuer, /[?#]/);
    }
    checkEndpoints(preset.oauth);
  }
}

function checkEndpoints(oauth: UpstreamOAuth | undefined): void {
  if (oauth) {
    const { authorizationEndpoint, tokenEndpoint, userEndpoint } = oauth;
    const endpoints = { authorizationEndpoint, tokenEndpoint, userEndpoint };
    for (const [name, url] of Object.entries(endpoints)) {
      checkUrl(`preset.oauth.${name}`, url, /#/);
    }
  }
}

function checkScopes({ scopes, preset }: PresetOptions): void {
  const bad = scopes?.find((scope) => !isScope(scope));
  if (bad !== undefined) {
    throw wrong(
      'scopes',
      `holds "${bad}"`,
      'Write each scope by itself, without spaces and quotes.',
    );
  }
  if (scopes && !preset?.oauth && !scopes.includes('openid')) {
    throw wrong(
      'scopes',
      `is ${JSON.stringify(scopes)}`,
      'Add "openid": without it an OpenID provider does not tell who logged in.',
    );
  }
}

function checkParameters({ preset }: PresetOptions): void {
  const taken = Object.keys(preset?.parameters ?? {}).find((name) =>
    RESERVED.has(name),
  );
  if (taken !== undefined) {
    throw wrong(
      'preset',
      `sets the parameter "${taken}"`,
      'Leave it out: the login sets it.',
    );
  }
}

function checkUrl(option: string, value: string, forbidden: RegExp): void {
  if (hasCredentials(value)) {
    throw wrong(
      option,
      'has a user name or password in it',
      'Credentials go into clientId and clientSecret.',
    );
  }
  if (!readSecureUrl(value) || forbidden.test(value)) {
    throw wrong(
      option,
      `is "${value}"`,
      'Write an absolute https URL, without query and fragment; http is for ' +
        'loopback alone.',
    );
  }
}

function wrong(option: string, found: string, remedy: string): Error {
  return new Error(`${OPTION}.${option} ${found}. ${remedy}`);
}

/** Options and preset in one, with the defaults. */
export interface UpstreamSettings {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Undefined where metadata of the provider decides. */
  readonly authMethod: UpstreamAuthMethod | undefined;
  readonly scopes: readonly string[];
  /** Further parameters of authorization requests. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Milliseconds per request. */
  readonly timeout: number;
  readonly allowPrivateHosts: boolean;
  /** Undefined where it is looked for at the standard places. */
  readonly metadataUrl: string | undefined;
  /** Undefined where the metadata names it. */
  readonly authorizationEndpoint: string | undefined;
}

/** @throws Error naming the option, its value and the remedy */
export function upstreamSettings(options: PresetOptions): UpstreamSettings {
  checkUpstreamOptions(options);
  const { preset, issuer, metadataUrl, audience } = options;
  const scopes = options.scopes ?? preset?.scopes ?? ['openid'];
  return {
    name:
      options.name ?? preset?.name ?? new URL((issuer ?? metadataUrl)!).host,
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    authMethod: options.authMethod ?? preset?.authMethod,
    scopes,
    parameters: {
      // Else offline access may be passed over (OpenID Connect Core, section 11).
      ...(!preset &&
        scopes.includes('offline_access') && { prompt: 'consent' }),
      ...preset?.parameters,
      ...(audience !== undefined && { audience }),
    },
    timeout: options.timeout ?? 5000,
    allowPrivateHosts: options.allowPrivateHosts ?? false,
    metadataUrl,
    authorizationEndpoint: options.authorizationEndpoint,
  };
}
