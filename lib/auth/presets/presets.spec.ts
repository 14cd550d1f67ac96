import {
  createSigningKey,
  type SigningKey,
} from '../../../test/support/signing-key.js';
import type {
  JwtIssuerOptions,
  JwtVerifierOptions,
} from '../verifiers/jwt/jwt-options.interface.js';
import { JwtTokenVerifier } from '../verifiers/jwt/jwt-token.verifier.js';
import { auth0 } from './auth0.js';
import { cognito } from './cognito.js';
import { entra } from './entra.js';
import { keycloak } from './keycloak.js';
import { okta } from './okta.js';

const TENANT = '11111111-2222-3333-4444-555555555555';
const CLIENT = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
const exp = Math.floor(Date.now() / 1000) + 600;

let key: SigningKey;
beforeAll(async () => {
  key = await createSigningKey('RS256');
});

/** The preset, with a key at hand in place of the provider's. */
function judge(
  options: JwtVerifierOptions,
  claims: Record<string, unknown>,
  audience?: string[],
) {
  const local = (issuer: JwtIssuerOptions) => ({
    ...issuer,
    jwksUri: undefined,
    publicKey: key.pem,
  });
  const verifier = new JwtTokenVerifier(
    options.issuers ? { issuers: options.issuers.map(local) } : local(options),
  );
  return key
    .sign({ exp, ...claims })
    .then((token) => verifier.verify(token, { audience }));
}
const refused = (reason: string) => ({ name: 'InvalidTokenError', reason });

describe('auth0', () => {
  const preset = auth0({ domain: 'atlas.eu.auth0.com', audience: 'api' });
  const claims = {
    iss: 'https://atlas.eu.auth0.com/',
    aud: ['api', 'https://atlas.eu.auth0.com/userinfo'],
    sub: 'auth0|1',
    azp: 'app',
    scope: 'openid notes:read',
    permissions: ['notes:read'],
    'https://atlas.example/roles': ['editor'],
  };

  it('names the issuer with its slash, and the keys', () => {
    expect(preset).toMatchObject({
      issuer: 'https://atlas.eu.auth0.com/',
      jwksUri: 'https://atlas.eu.auth0.com/.well-known/jwks.json',
    });
  });

  it('reads client, scopes, permissions and namespaced roles', async () => {
    await expect(judge(preset, claims)).resolves.toMatchObject({
      clientId: 'app',
      scopes: ['openid', 'notes:read'],
      permissions: ['notes:read'],
      resource: 'api',
      roles: [],
    });
    const rolesClaim = 'https://atlas.example/roles';
    await expect(
      judge(
        auth0({ domain: 'atlas.eu.auth0.com', audience: 'api', rolesClaim }),
        claims,
      ),
    ).resolves.toMatchObject({ roles: ['editor'] });
  });

  it('compares with the names of the server without audience', async () => {
    const open = auth0({ domain: 'atlas.eu.auth0.com' });
    await expect(judge(open, claims, ['api'])).resolves.toMatchObject({
      resource: 'api',
    });
    await expect(judge(open, claims, ['other'])).rejects.toMatchObject(
      refused('audience'),
    );
  });
});

describe('entra', () => {
  const preset = entra({ tenantId: TENANT, clientId: CLIENT });
  const v2 = {
    iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    aud: CLIENT,
    ver: '2.0',
    azp: 'app',
    sub: 'ada',
    scp: 'notes.read notes.write',
  };
  const v1 = {
    iss: `https://sts.windows.net/${TENANT}/`,
    aud: `api://${CLIENT}`,
    ver: '1.0',
    appid: 'app',
    sub: 'ada',
    roles: ['Notes.Read.All'],
  };

  it('takes tokens of version 2, with scp', async () => {
    await expect(judge(preset, v2)).resolves.toMatchObject({
      clientId: 'app',
      scopes: ['notes.read', 'notes.write'],
    });
  });

  it('takes tokens of version 1, with roles', async () => {
    await expect(judge(preset, v1)).resolves.toMatchObject({
      clientId: 'app',
      roles: ['Notes.Read.All'],
    });
  });

  it.each([
    [{ ...v2, azp: undefined }, 'claims'],
    [{ ...v2, ver: '1.0' }, 'claims'],
    [{ ...v1, ver: '2.0' }, 'claims'],
    [{ ...v1, appid: undefined }, 'claims'],
    [{ ...v2, aud: '00000003-0000-0000-c000-000000000000' }, 'audience'],
    [{ ...v2, iss: v2.iss.replace('1111', '9999') }, 'issuer'],
  ])('refuses %j', async (claims, reason) => {
    await expect(judge(preset, claims)).rejects.toMatchObject(refused(reason));
  });

  it('takes another audience and another host', async () => {
    const other = entra({
      tenantId: TENANT,
      clientId: CLIENT,
      audience: 'https://api.example/mcp',
      host: 'login.microsoftonline.us',
    });
    expect(other.issuers).toMatchObject([
      {
        issuer: `https://login.microsoftonline.us/${TENANT}/v2.0`,
        jwksUri: `https://login.microsoftonline.us/${TENANT}/discovery/v2.0/keys`,
        audience: 'https://api.example/mcp',
      },
      { audience: 'https://api.example/mcp' },
    ]);
  });

  it.each(['common', 'organizations', 'contoso.onmicrosoft.com', `${TENANT}/`])(
    'does not start with tenantId %s',
    (tenantId) => {
      expect(() => entra({ tenantId, clientId: CLIENT })).toThrow(
        `entra: tenantId is "${tenantId}"`,
      );
    },
  );

  it('does not start with a clientId that is no GUID', () => {
    expect(() => entra({ tenantId: TENANT, clientId: 'app' })).toThrow(
      'entra: clientId is "app"',
    );
  });
});

describe('okta', () => {
  const preset = okta({ domain: 'atlas.okta.com' });
  const claims = {
    iss: 'https://atlas.okta.com/oauth2/default',
    aud: 'api://default',
    sub: 'ada@example.com',
    cid: 'app',
    scp: ['notes.read'],
    groups: ['editors'],
  };

  it('reads scopes from the list scp, the client from cid, roles from groups', async () => {
    await expect(judge(preset, claims)).resolves.toMatchObject({
      clientId: 'app',
      scopes: ['notes.read'],
      roles: ['editors'],
    });
    expect(preset.jwksUri).toBe(
      'https://atlas.okta.com/oauth2/default/v1/keys',
    );
  });

  it('compares with api://default, unless told otherwise', async () => {
    await expect(
      judge(preset, { ...claims, aud: 'x' }, ['x']),
    ).rejects.toMatchObject(refused('audience'));
    const own = okta({
      domain: 'atlas.okta.com',
      audience: 'x',
      rolesClaim: 'r',
    });
    await expect(
      judge(own, { ...claims, aud: 'x', r: ['a'] }),
    ).resolves.toMatchObject({ resource: 'x', roles: ['a'] });
  });

  it('compares with the names of the server for another authorization server', async () => {
    const custom = okta({
      domain: 'atlas.okta.com',
      authorizationServerId: 'aus1',
    });
    await expect(
      judge(
        custom,
        { ...claims, iss: 'https://atlas.okta.com/oauth2/aus1', aud: 'mine' },
        ['mine'],
      ),
    ).resolves.toMatchObject({ resource: 'mine' });
    expect(custom.jwksUri).toBe('https://atlas.okta.com/oauth2/aus1/v1/keys');
  });
});

describe('cognito', () => {
  const pool = 'eu-central-1_AbCdEf123';
  const preset = cognito({
    region: 'eu-central-1',
    userPoolId: pool,
    clientId: ['app', 'other-app'],
  });
  const claims = {
    iss: `https://cognito-idp.eu-central-1.amazonaws.com/${pool}`,
    sub: 'ada',
    client_id: 'app',
    token_use: 'access',
    scope: 'atlas/read',
    'cognito:groups': ['editors'],
  };

  it('compares client_id, for want of aud, and reads groups as roles', async () => {
    await expect(judge(preset, claims)).resolves.toMatchObject({
      clientId: 'app',
      resource: 'app',
      scopes: ['atlas/read'],
      roles: ['editors'],
    });
    expect(preset.jwksUri).toBe(`${claims.iss}/.well-known/jwks.json`);
  });

  it.each([
    [{ client_id: 'foreign' }, 'audience'],
    [{ client_id: undefined, aud: 'app' }, 'audience'],
    [{ token_use: 'id' }, 'kind'],
    [{ token_use: undefined }, 'claims'],
    [{ token_use: 'access_token' }, 'claims'],
  ])('refuses %j', async (changes, reason) => {
    await expect(
      judge(preset, { ...claims, ...changes }),
    ).rejects.toMatchObject(refused(reason));
  });

  it.each([
    { region: 'eu/..', userPoolId: pool },
    { region: 'eu-central-1', userPoolId: 'pool' },
  ])('does not start with %j', (options) => {
    expect(() => cognito({ ...options, clientId: 'app' })).toThrow(
      /^cognito: (region|userPoolId) is "/,
    );
  });
});

describe('keycloak', () => {
  const preset = keycloak({ url: 'https://login.example/', realm: 'atlas' });
  const claims = {
    iss: 'https://login.example/realms/atlas',
    aud: ['api', 'account'],
    sub: 'ada',
    azp: 'app',
    typ: 'Bearer',
    scope: 'profile notes',
    realm_access: { roles: ['editor'] },
    resource_access: { 'my.app': { roles: ['lead'] } },
  };

  it('reads azp and the roles of the realm', async () => {
    await expect(judge(preset, claims, ['api'])).resolves.toMatchObject({
      clientId: 'app',
      resource: 'api',
      scopes: ['profile', 'notes'],
      roles: ['editor'],
    });
    expect(preset.jwksUri).toBe(
      'https://login.example/realms/atlas/protocol/openid-connect/certs',
    );
  });

  it('reads the roles of a client instead', async () => {
    const own = keycloak({
      url: 'https://login.example',
      realm: 'atlas',
      audience: 'api',
      rolesOf: 'my.app',
    });
    await expect(judge(own, claims)).resolves.toMatchObject({
      roles: ['lead'],
    });
  });

  it.each([
    [{ aud: 'account' }, 'audience'],
    [{ typ: 'ID' }, 'kind'],
    [{ typ: 'Refresh' }, 'kind'],
    [{ typ: undefined }, 'claims'],
  ])('refuses %j', async (changes, reason) => {
    await expect(
      judge(preset, { ...claims, ...changes }, ['api']),
    ).rejects.toMatchObject(refused(reason));
  });

  it('writes the realm so that it stays one path segment', () => {
    expect(
      keycloak({ url: 'https://login.example/auth', realm: 'a/b' }).issuer,
    ).toBe('https://login.example/auth/realms/a%2Fb');
  });

  it.each([
    { url: 'login.example', realm: 'a' },
    { url: 'ftp://login.example', realm: 'a' },
    { url: 'https://login.example', realm: '' },
  ])('does not start with %j', (options) => {
    expect(() => keycloak(options)).toThrow(/^keycloak: (url|realm) is "/);
  });
});

describe('a domain that would change the URL', () => {
  it.each([
    '',
    'https://a.example',
    'a.example/path',
    'a.example@evil.example',
    'a.example#',
    'a b',
    '.a',
    'a.',
    'a.example:x',
  ])('stops auth0 and okta: %j', (domain) => {
    expect(() => auth0({ domain })).toThrow(`auth0: domain is "${domain}"`);
    expect(() => okta({ domain })).toThrow(`okta: domain is "${domain}"`);
  });

  it.each(['a', 'a.example', 'A-1.example:8443'])(
    'lets %s through',
    (domain) => {
      expect(auth0({ domain }).issuer).toBe(`https://${domain}/`);
    },
  );

  it('stops okta, as the id of an authorization server', () => {
    expect(() =>
      okta({ domain: 'a.example', authorizationServerId: '../x' }),
    ).toThrow('okta: authorizationServerId is "../x"');
  });
});

/** Good options of every preset of verifiers, the optional ones included. */
const GOOD = {
  auth0: { domain: 'a.example', audience: 'api', rolesClaim: 'r' },
  okta: {
    domain: 'a.example',
    authorizationServerId: 'x',
    audience: ['api'],
    rolesClaim: 'r',
  },
  cognito: { region: 'eu-west-1', userPoolId: 'eu-west-1_A', clientId: 'app' },
  entra: {
    tenantId: TENANT,
    clientId: CLIENT,
    audience: 'api',
    host: 'login.microsoftonline.us',
  },
  keycloak: {
    url: 'https://a.example',
    realm: 'a',
    audience: 'api',
    rolesOf: 'c',
  },
};
const PRESETS: Record<
  keyof typeof GOOD,
  (options: never) => JwtVerifierOptions
> = { auth0, okta, cognito, entra, keycloak };
/** Without them, there is no telling the issuer or its tokens. */
const NEEDED = [
  'domain',
  'region',
  'userPoolId',
  'clientId',
  'tenantId',
  'url',
  'realm',
];

describe.each(Object.keys(GOOD) as (keyof typeof GOOD)[])('%s', (name) => {
  const make = (changes: object) => () =>
    PRESETS[name]({ ...GOOD[name], ...changes } as never);

  it.each(Object.keys(GOOD[name]))(
    'names %s where it comes as nothing, or of another kind',
    (option) => {
      expect(make({})).not.toThrow();
      for (const value of ['', null, 5, {}]) {
        expect(make({ [option]: value })).toThrow(
          `${name}: ${option} is ${JSON.stringify(value)}. `,
        );
      }
      if (NEEDED.includes(option)) {
        expect(make({ [option]: undefined })).toThrow(
          new RegExp(`^${name}: ${option} is (undefined|null)\\. `),
        );
      } else {
        expect(make({ [option]: undefined })).not.toThrow();
      }
    },
  );
});
