import { decodeJwt } from 'jose';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { tryTool } from '../support/auth-calls.js';
import { createIssuer } from '../support/auth-issuer.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { ERAS } from '../support/json-rpc.js';
import { freePort } from '../support/free-port.js';
import { PageBrowser } from '../support/page-browser.js';

describe.each(ADAPTERS)('equal names of a resource on %s', (adapter) => {
  describe('in the audience of a token (RFC 3986, section 6.2.2)', () => {
    it.each([
      ['https://api.example.com', 'https://api.example.com/', 200],
      ['https://api.example.com/', 'https://api.example.com', 200],
      ['https://api.example.com/mcp', 'https://API.example.com:443/mcp', 200],
      ['https://API.example.com/mcp', 'https://api.example.com/mcp', 200],
      ['https://api.example.com/mcp', 'https://api.example.com/mcp/', 401],
      ['https://api.example.com/mcp', 'https://api.example.com/MCP', 401],
      ['https://api.example.com/mcp', 'https://api.example.com', 401],
    ])('for %s, %s is answered %i', async (resource, aud, status) => {
      const issuer = await createIssuer();
      const server = await bootProtected(adapter, {
        resource,
        verifier: issuer.verifier,
      });
      try {
        for (const era of ERAS) {
          const answer = await tryTool(
            server.endpoint,
            era,
            'notes_read',
            {},
            {
              headers: await issuer.bearer({ aud }),
            },
          );
          expect([era, answer.status]).toEqual([era, status]);
        }
      } finally {
        await server.close();
      }
    });
  });

  describe('at the authorization server', () => {
    let server: Issuing;
    let origin: string;

    beforeAll(async () => {
      const port = await freePort();
      origin = `http://localhost:${port}`;
      server = await bootIssuing(
        adapter,
        { issuer: origin },
        { port, auth: { resource: [origin, `${origin}/`] } },
      );
    });
    afterAll(() => server?.close());

    it.each([
      ['', '/'],
      ['/', ''],
      ['', ''],
      ['/', '/'],
    ])(
      'are one, from the request (%j) to the token (%j) and its refresh',
      async (atAuthorize, atToken) => {
        const client = new HandClient(origin, `${origin}${atAuthorize}`);
        const code = await client.logIn(new PageBrowser());
        const resource = `${origin}${atToken}`;
        const first = (await (
          await client.token({ code, resource })
        ).json()) as { access_token: string; refresh_token: string };
        expect(decodeJwt(first.access_token).aud).toBe(origin);
        const { refresh_token } = first;
        const second = (await (
          await client.token({ refresh_token, resource })
        ).json()) as { access_token: string };
        expect(decodeJwt(second.access_token).aud).toBe(origin);
      },
    );

    it('are advertised as one', async () => {
      const url = `${origin}/.well-known/oauth-protected-resource`;
      expect(await (await fetch(url)).json()).toMatchObject({
        resource: origin,
      });
    });
  });
});
