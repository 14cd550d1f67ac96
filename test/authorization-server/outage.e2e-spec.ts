import {
  MemoryOAuthStore,
  type OAuthStore,
} from '../../lib/authorization-server/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import { tryTool } from '../support/auth-calls.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { startFakeUpstream } from '../support/fake-upstream.js';
import { type Page, PageBrowser } from '../support/page-browser.js';

/** A storage that can go down. */
class FragileStore extends MemoryOAuthStore {
  isDown = false;

  private guard<T>(operation: () => Promise<T>): Promise<T> {
    return this.isDown
      ? Promise.reject(new Error('no connection to 10.1.2.3'))
      : operation();
  }

  override get(key: string): Promise<unknown> {
    return this.guard(() => super.get(key));
  }
  override set(...given: Parameters<OAuthStore['set']>): Promise<void> {
    return this.guard(() => super.set(...given));
  }
  override take(key: string): Promise<unknown> {
    return this.guard(() => super.take(key));
  }
  override delete(key: string): Promise<void> {
    return this.guard(() => super.delete(key));
  }
}

describe.each(MAIN_TWO)('while the storage is down, on %s,', (adapter) => {
  const store = new FragileStore();
  const browser = new PageBrowser();
  let server: Issuing;
  let client: HandClient;
  let tokens: { readonly access_token: string; readonly refresh_token: string };
  let login: Page;

  beforeAll(async () => {
    server = await bootIssuing(adapter, { store });
    client = new HandClient(server.issuer, server.endpoint);
    const code = await client.logIn(new PageBrowser());
    tokens = (await (await client.token({ code })).json()) as typeof tokens;
    login = await browser.open(client.authorizationUrl());
    store.isDown = true;
  });
  afterAll(() => server?.close());

  it.each(['token', 'revoke', 'introspect', 'register'])(
    'the %s endpoint asks to come back, 503, and tells nothing',
    async (endpoint) => {
      for (const token of [tokens.refresh_token, tokens.access_token]) {
        const answer = await fetch(`${server.issuer}/oauth/${endpoint}`, {
          method: 'POST',
          ...(endpoint === 'register'
            ? {
                headers: { 'content-type': 'application/json' },
                body: JSON.stringify({ redirect_uris: [client.redirectUri] }),
              }
            : {
                body: new URLSearchParams({
                  grant_type: 'refresh_token',
                  refresh_token: token,
                  token,
                  client_id: client.clientId,
                }),
              }),
        });
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
        expect(await answer.json()).toEqual({
          error: 'temporarily_unavailable',
          error_description: expect.not.stringContaining('10.1.2.3') as string,
        });
      }
    },
  );

  it('authorization requests and logins end at a page that tells nothing', async () => {
    const fields = { username: 'ada', password: 'secret' };
    for (const page of [
      await new PageBrowser().open(client.authorizationUrl()),
      await browser.open(login.url),
      await browser.submit(login, fields),
    ]) {
      expect(page.status).toBe(503);
      expect(page.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(page.html).toContain('This login cannot go on');
      expect(page.html).not.toMatch(/10\.1\.2\.3|node_modules/);
    }
  });

  it('what comes back from an identity provider ends at such a page, too', async () => {
    const upstream = await startFakeUpstream();
    const fragile = new FragileStore();
    const proxy = await bootIssuing(adapter, {
      store: fragile,
      upstream: {
        issuer: upstream.issuer,
        clientId: 'atlas',
        clientSecret: 'a secret of atlas',
      },
    });
    fragile.isDown = true;
    const page = await browser.open(
      `${proxy.issuer}/oauth/callback?state=x&code=y`,
    );
    expect(page.status).toBe(503);
    expect(page.headers.get('retry-after')).toMatch(/^\d+$/);
    await proxy.close();
    await upstream.close();
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
