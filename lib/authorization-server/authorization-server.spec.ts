import { githubLogin } from './upstream/login-presets.js';
import { OAuthUpstream } from './upstream/oauth.upstream.js';
import { OpenIdUpstream } from './upstream/openid.upstream.js';
import type {
  UpstreamOptions,
  UpstreamPreset,
} from '../auth/issuer/upstream-options.interface.js';
import { googleLogin } from './upstream/login-presets.js';
import { createUpstream } from './upstream/upstream.flow.js';

const good: UpstreamOptions = {
  issuer: 'https://login.example.com',
  clientId: 'atlas',
  clientSecret: 'a-s3cret',
};
const preset = (
  changes: Partial<UpstreamPreset>,
): Partial<UpstreamOptions> => ({
  issuer: undefined,
  preset: { ...googleLogin(), ...changes },
});

it('makes a provider of OpenID for an issuer, and for a preset with one', () => {
  expect(createUpstream(good)).toBeInstanceOf(OpenIdUpstream);
  expect(createUpstream(good).name).toBe('login.example.com');
  const google = createUpstream({ ...good, ...preset({}) });
  expect(google).toBeInstanceOf(OpenIdUpstream);
  expect(google.name).toBe('Google');
});

it('makes one of plain OAuth for a preset with endpoints', () => {
  const github = { ...good, issuer: undefined, preset: githubLogin() };
  expect(createUpstream(github)).toBeInstanceOf(OAuthUpstream);
  expect(createUpstream(github).name).toBe('GitHub');
});

it.each(['http://localhost:9000', 'http://127.0.0.1:1/x', 'http://[::1]:1'])(
  'lets plain http be for loopback: %s',
  (issuer) => {
    expect(() => createUpstream({ ...good, issuer })).not.toThrow();
  },
);

it.each<[Partial<UpstreamOptions>, string, string]>([
  [{ issuer: undefined }, ': Neither of issuer and preset', 'Give one'],
  [
    { preset: googleLogin() },
    ': Both of issuer ("https://login.example.com") and preset ("Google")',
    'Give one',
  ],
  [{ issuer: 'login.example.com' }, '.issuer is "login.ex', 'absolute https'],
  [{ issuer: 'http://login.example.com' }, '.issuer is "http://', 'https URL'],
  [{ issuer: 'http://localhost.evil.example' }, '.issuer is "http:', 'https'],
  [{ issuer: 'ftp://login.example.com' }, '.issuer is "ftp:', 'https URL'],
  [{ issuer: 'https://a.example?x=1' }, '.issuer is "', 'without query'],
  [{ issuer: 'https://a.example#' }, '.issuer is "', 'without query'],
  [{ clientId: '' }, '.clientId is empty', 'Register this server'],
  [{ clientSecret: ' ' }, '.clientSecret is empty', '<issuer>/oauth/callback'],
  [
    { clientSecret: undefined as never },
    '.clientSecret is empty',
    '<issuer>/oauth/callback',
  ],
  [{ scopes: ['profile'] }, '.scopes is ["profile"]', 'Add "openid"'],
  [{ scopes: ['openid profile'] }, '.scopes holds "openid profile"', 'itself'],
  [{ timeout: 0 }, '.timeout is 0', 'milliseconds'],
  [{ timeout: NaN }, '.timeout is NaN', 'milliseconds'],
  [{ timeout: Infinity }, '.timeout is Infinity', 'milliseconds'],
  [{ authMethod: 'none' as never }, '.authMethod is "none"', 'client_secret'],
  [{ name: ' ' }, '.name is empty', 'Leave it out'],
  [{ metadataUrl: '/metadata' }, '.metadataUrl is "/metadata"', 'https URL'],
  [
    { authorizationEndpoint: 'http://a.example' },
    '.authorizationEndpoint is "http://a.example"',
    'https URL',
  ],
  [
    { ...preset({}), metadataUrl: 'https://a.example' },
    '.metadataUrl is given beside preset ("Google")',
    'Leave it out',
  ],
  [preset({ issuer: undefined }), '.preset ("Google")', 'either issuer or'],
  [preset({ issuer: 'http://a.example' }), '.preset.issuer is "h', 'https'],
  [
    preset({ parameters: { state: 'x' } }),
    '.preset sets the parameter "state"',
    'Leave it out',
  ],
  [
    {
      issuer: undefined,
      preset: githubLogin({ userEndpoint: 'http://a.example/user' }),
    },
    '.preset.oauth.userEndpoint is "http://a.example/user"',
    'https URL',
  ],
])('does not start with %j', (changes, found, remedy) => {
  const create = () => createUpstream({ ...good, ...changes });
  expect(create).toThrow(`authorizationServer.upstream${found}`);
  expect(create).toThrow(remedy);
});

it('does not print a password that stands in a URL', () => {
  const create = () =>
    createUpstream({ ...good, issuer: 'https://ada:pass1@a.example' });
  expect(create).toThrow('.issuer has a user name or password in it');
  expect(create).not.toThrow(/pass1/);
});
