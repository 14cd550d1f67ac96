import { PERSON } from '../../auth/presets/identity-provider.js';
import { optionalName, presetValue } from '../../auth/presets/preset-value.js';
import type { UpstreamPreset } from '../../auth/issuer/upstream-options.interface.js';
import { checkOptions } from '../../options/option-keys.js';

const GITHUB = 'https://github.com';

/**
 * Google. It gives refresh tokens only with `access_type=offline`, and again
 * only with `prompt=consent`.
 *
 * @publicApi
 */
export function googleLogin(): UpstreamPreset {
  return {
    name: 'Google',
    issuer: 'https://accounts.google.com',
    scopes: PERSON,
    authMethod: 'client_secret_post',
    parameters: { access_type: 'offline', prompt: 'consent' },
  };
}

/**
 * GitHub: github.com, GitHub Enterprise Server, or Enterprise Cloud with its
 * own host under `ghe.com`. Plain OAuth: its user endpoint tells who logged in,
 * and the subject is the number of the account, which outlives its name.
 *
 * @param options `url`: of another GitHub than github.com. `authorizationEndpoint`,
 *   `tokenEndpoint`, `userEndpoint`: where they differ from what the URL tells
 * @throws Error where `url` is no http(s) origin
 * @publicApi
 */
export function githubLogin(
  options: {
    /** @default `'https://github.com'` */
    readonly url?: string;
    readonly authorizationEndpoint?: string;
    readonly tokenEndpoint?: string;
    readonly userEndpoint?: string;
  } = {},
): UpstreamPreset {
  checkOptions('githubLogin(…)', options, {
    url: true,
    authorizationEndpoint: true,
    tokenEndpoint: true,
    userEndpoint: true,
  });
  const { url = GITHUB } = options;
  const form = /^https?:\/\/[^/?#@\s]+\/?$/;
  presetValue('githubLogin', 'url', url, form, 'https://github.example.com');
  for (const name of [
    'authorizationEndpoint',
    'tokenEndpoint',
    'userEndpoint',
  ] as const) {
    optionalName('githubLogin', name, options[name]);
  }
  const { origin } = new URL(url);
  return {
    name: 'GitHub',
    scopes: ['read:user'],
    authMethod: 'client_secret_post',
    oauth: {
      issuer: `${origin}/login/oauth`,
      authorizationEndpoint:
        options.authorizationEndpoint ?? `${origin}/login/oauth/authorize`,
      tokenEndpoint:
        options.tokenEndpoint ?? `${origin}/login/oauth/access_token`,
      userEndpoint: options.userEndpoint ?? userEndpoint(origin),
      subject: 'id',
      displayName: 'login',
    },
  };
}

function userEndpoint(origin: string): string {
  const { host } = new URL(origin);
  return origin === GITHUB || host.endsWith('.ghe.com')
    ? `https://api.${host}/user`
    : `${origin}/api/v3/user`;
}
