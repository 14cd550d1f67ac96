import { MAIN_TWO } from '../support/adapters.js';
import { tryTool } from '../support/auth-calls.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { PageBrowser } from '../support/page-browser.js';

const CLIENT = 'https://client.example/oauth/client.json';

/** The document of a client, as its host would send it. */
const documentOf = (changes: object = {}) =>
  new Response(
    JSON.stringify({
      client_id: CLIENT,
      client_name: 'Document client',
      redirect_uris: ['http://127.0.0.1:7777/client-callback'],
      token_endpoint_auth_method: 'none',
      ...changes,
    }),
    { headers: { 'content-type': 'application/json' } },
  );

describe.each(MAIN_TWO)('clients known by a document on %s', (adapter) => {
  let server: Issuing | undefined;

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const announced = async () => {
    const url = `${server?.issuer}/.well-known/oauth-authorization-server`;
    const document = (await (await fetch(url)).json()) as object;
    return 'client_id_metadata_document_supported' in document;
  };

  const clientOf = ({ issuer, endpoint }: Issuing) => {
    const client = new HandClient(issuer, endpoint);
    client.clientId = CLIENT;
    return client;
  };

  it('are announced', async () => {
    server = await bootIssuing(adapter);
    expect(await announced()).toBe(true);
  });

  it.each([false, { fetch: undefined }])(
    'are announced, and fetched, only where that is wanted: %j',
    async (clientIdMetadata) => {
      server = await bootIssuing(adapter, { clientIdMetadata });
      expect(await announced()).toBe(clientIdMetadata !== false);
      const response = await fetch(clientOf(server).authorizationUrl(), {
        redirect: 'manual',
      });
      expect(response.status).toBe(400);
    },
  );

  it('log in where the application fetches their documents itself, which are fetched once', async () => {
    const fetched: [string, object][] = [];
    server = await bootIssuing(adapter, {
      clientIdMetadata: {
        fetch: (url, request) => {
          fetched.push([url, request]);
          return Promise.resolve(documentOf());
        },
      },
    });
    const client = clientOf(server);
    const code = await client.logIn(new PageBrowser());
    const answer = await client.token({ code });
    expect(answer.status).toBe(200);
    const { access_token } = (await answer.json()) as { access_token: string };
    const called = await tryTool(
      server.endpoint,
      'modern',
      'notes_read',
      {},
      {
        headers: { authorization: `Bearer ${access_token}` },
      },
    );
    expect(called.status).toBe(200);
    expect(fetched).toEqual([
      [CLIENT, expect.objectContaining({ method: 'GET', redirect: 'manual' })],
    ]);
  });

  it('log in by what of their documents is allowed', async () => {
    server = await bootIssuing(adapter, {
      clientIdMetadata: {
        fetch: () =>
          Promise.resolve(
            documentOf({
              application_type: 'web',
              redirect_uris: [
                'windsurf://oauth/callback',
                'cursor://anysphere.cursor-mcp/oauth/callback',
                'http://127.0.0.1:7777/client-callback',
              ],
              grant_types: ['authorization_code', 'refresh_token', 'password'],
              response_types: ['code', 'token'],
              scope: 'openid email',
              logo_uri: null,
              tos_uri: '',
              id_token_signed_response_alg: 'RS256',
            }),
          ),
      },
    });
    const client = clientOf(server);
    const code = await client.logIn(new PageBrowser());
    expect((await client.token({ code })).status).toBe(200);
    const refused = await fetch(
      client.authorizationUrl({ redirect_uri: 'windsurf://oauth/callback' }),
      { redirect: 'manual' },
    );
    expect(refused.status).toBe(400);
    expect(refused.headers.get('location')).toBeNull();
  });

  it.each([
    [
      'has no redirect URI that is allowed',
      () => documentOf({ redirect_uris: ['windsurf://oauth/callback'] }),
    ],
    [
      'names another client',
      () => documentOf({ client_id: `${CLIENT}?other` }),
    ],
    ['has a secret', () => documentOf({ client_secret: 'x'.repeat(40) })],
    ['is of 300 kB', () => documentOf({ client_name: 'x'.repeat(300_000) })],
    ['is not there', () => new Response('not found', { status: 404 })],
    ['is elsewhere', () => Response.redirect('https://other.example/', 302)],
  ])('are refused where the document %s', async (_, document) => {
    server = await bootIssuing(adapter, {
      clientIdMetadata: { fetch: () => Promise.resolve(document()) },
    });
    const response = await fetch(clientOf(server).authorizationUrl(), {
      redirect: 'manual',
    });
    expect([400, 401]).toContain(response.status);
    expect(response.headers.get('location')).toBeNull();
  });
});
