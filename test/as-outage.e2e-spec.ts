import { MemoryOAuthStore } from '../lib/auth/authorization-server/index.js';
import { ADAPTERS } from './support/adapters.js';
import { tryTool } from './support/auth-calls.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from './support/authorization-server.js';
import { PageBrowser } from './support/page-browser.js';

/** A storage that can go down. */
class FragileStore extends MemoryOAuthStore {
  isDown = false;

  override get(key: string): Promise<unknown> {
    return this.isDown
      ? Promise.reject(new Error('no connection to 10.1.2.3'))
      : super.get(key);
  }
}

describe.each(ADAPTERS)('while the storage is down, on %s,', (adapter) => {
  const store = new FragileStore();
  let server: Issuing;
  let client: HandClient;
  let tokens: { readonly access_token: string; readonly refresh_token: string };

  beforeAll(async () => {
    server = await bootIssuing(adapter, { store });
    client = new HandClient(server.issuer, server.endpoint);
    const code = await client.logIn(new PageBrowser());
    tokens = (await (await client.token({ code })).json()) as typeof tokens;
    store.isDown = true;
  });
  afterAll(() => server?.close());

  it.each(['token', 'revoke', 'introspect'])(
    'the %s endpoint answers 500 and tells nothing',
    async (endpoint) => {
      for (const token of [tokens.refresh_token, tokens.access_token]) {
        const answer = await fetch(`${server.issuer}/oauth/${endpoint}`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'refresh_token',
            refresh_token: token,
            token,
            client_id: client.clientId,
          }),
        });
        expect(answer.status).toBe(500);
        expect(await answer.json()).toHaveProperty('error', 'server_error');
      }
    },
  );

  it('authorization requests end at a page that tells nothing', async () => {
    const page = await new PageBrowser().open(client.authorizationUrl());
    expect(page.status).toBe(500);
    expect(page.html).toContain('server_error');
    expect(page.html).not.toMatch(/10\.1\.2\.3|node_modules/);
  });

  it('tokens are neither accepted nor called wrong', async () => {
    const answer = await tryTool(
      server.endpoint,
      'modern',
      'notes_read',
      {},
      { headers: { authorization: `Bearer ${tokens.access_token}` } },
    );
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('10.1.2.3');
  });

  it('the log says what is wrong, without a token', () => {
    const log = server.logger.lines.map(({ text }) => text).join('\n');
    expect(log).toContain('no connection to 10.1.2.3');
    expect(log).not.toContain(tokens.access_token);
    expect(log).not.toContain(tokens.refresh_token);
  });
});
