import { decodeJwt, decodeProtectedHeader } from 'jose';
import { MAIN_TWO } from '../support/adapters.js';
import {
  agree,
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { PageBrowser } from '../support/page-browser.js';

describe.each(MAIN_TWO)('an authorization server on %s', (adapter) => {
  let server: Issuing;
  let client: HandClient;
  let browser: PageBrowser;

  beforeAll(async () => {
    server = await bootIssuing(adapter);
  });
  beforeEach(() => {
    client = new HandClient(server.issuer, server.endpoint);
    browser = new PageBrowser();
  });
  afterAll(() => server?.close());

  it('publishes its metadata (RFC 8414)', async () => {
    const response = await fetch(
      `${server.issuer}/.well-known/oauth-authorization-server`,
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const document = await response.json();
    expect(document).toMatchObject({
      issuer: server.issuer,
      authorization_endpoint: `${server.issuer}/oauth/authorize`,
      token_endpoint: `${server.issuer}/oauth/token`,
      registration_endpoint: `${server.issuer}/oauth/register`,
      revocation_endpoint: `${server.issuer}/oauth/revoke`,
      introspection_endpoint: `${server.issuer}/oauth/introspect`,
      jwks_uri: `${server.issuer}/oauth/jwks`,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    });
  });

  it('registers, logs in, asks for consent and issues a token for the server', async () => {
    const registered = await client.register();
    expect(registered.status).toBe(201);
    const login = await browser.open(client.authorizationUrl());
    expect(login.status).toBe(200);
    const end = await agree(browser, login);
    expect(end.status).toBe(0);
    expect(end.url.searchParams.get('iss')).toBe(server.issuer);
    const response = await client.token({
      code: end.url.searchParams.get('code') ?? '',
    });
    const tokens = (await response.json()) as Record<string, string>;
    expect(response.status).toBe(200);
    expect(decodeProtectedHeader(tokens['access_token'] ?? '')).toMatchObject({
      typ: 'at+jwt',
    });
    expect(decodeJwt(tokens['access_token'] ?? '')).toEqual({
      iss: server.issuer,
      aud: server.endpoint,
      sub: 'ada',
      client_id: client.clientId,
      scope: 'notes:read notes:write',
      grant_id: expect.any(String),
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
  });
});
