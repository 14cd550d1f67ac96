import { exportJWK, generateKeyPair } from 'jose';
import type { JsonWebKey } from 'node:crypto';
import { MemoryOAuthStore } from '../../lib/authorization-server/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import { challengeOf, tryTool } from '../support/auth-calls.js';
import { bootIssuing, type Issuing } from '../support/authorization-server.js';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../support/frozen-time.js';
import { onEveryStorage } from '../support/oauth-storages.js';
import { PageBrowser } from '../support/page-browser.js';
import { clientOf, type Tokens, tokensOf } from '../support/refresh-tokens.js';

const AUTH = { requiredScopes: ['notes:read'], hideUnauthorized: false };
const TOKEN_SECONDS = 300;

/** A login with the scope for reading alone. */
const reader = async (server: Issuing, name = 'A reader') => {
  const client = clientOf(server);
  await client.register({ client_name: name });
  const code = await client.logIn(new PageBrowser(), { scope: 'notes:read' });
  return { client, tokens: await tokensOf(client.token({ code })) };
};
const call = (server: Issuing, tool: string, { access_token }: Tokens) =>
  tryTool(
    server.endpoint,
    'legacy',
    tool,
    { text: 'milk' },
    { headers: { authorization: `Bearer ${access_token}` } },
  );
const refused = async (server: Issuing, tokens: Tokens) => {
  const answer = await call(server, 'notes_write', tokens);
  expect(answer.status).toBe(403);
  expect(challengeOf(answer).parameters).toMatchObject({
    error: 'insufficient_scope',
    scope: 'notes:read notes:write',
  });
};
const expectInteraction = async (answer: Promise<Response>) => {
  const response = await answer;
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: 'interaction_required',
    error_description: expect.stringContaining('begin a new authorization'),
  });
};

describe.each(MAIN_TWO)('a refresh after a challenge, on %s,', (adapter) => {
  class Failing extends MemoryOAuthStore {
    static fails = false;

    override set(...given: Parameters<MemoryOAuthStore['set']>) {
      return Failing.fails
        ? Promise.reject(new Error('no space left'))
        : super.set(...given);
    }
  }
  let server: Issuing;
  beforeAll(async () => {
    server = await bootIssuing(
      adapter,
      { lifetimes: { accessToken: TOKEN_SECONDS }, store: new Failing() },
      { auth: AUTH },
    );
  });
  afterEach(() => releaseTime());
  afterAll(() => server?.close());

  it('is told once to ask the person; nothing is used up, and the next one is answered', async () => {
    const { client, tokens } = await reader(server);
    const { refresh_token } = tokens;
    await refused(server, tokens);
    await expectInteraction(client.token({ refresh_token }));
    expect((await call(server, 'notes_read', tokens)).status).toBe(200);
    const next = await tokensOf(client.token({ refresh_token }));
    expect((await call(server, 'notes_read', next)).status).toBe(200);
    await refused(server, next);
    await expectInteraction(
      client.token({ refresh_token: next.refresh_token }),
    );
  });

  it('concerns the login whose token was refused, and the client that it belongs to', async () => {
    const { client, tokens } = await reader(server);
    const other = await reader(server, 'Another');
    await refused(server, tokens);
    await tokensOf(
      other.client.token({ refresh_token: other.tokens.refresh_token }),
    );
    const { refresh_token } = tokens;
    const stranger = await other.client.token({ refresh_token });
    expect(await stranger.json()).toHaveProperty('error', 'invalid_grant');
    await expectInteraction(client.token({ refresh_token }));
  });

  it('is answered half a minute later, when the token is about to expire, and after another refusal', async () => {
    freezeTime(Date.now());
    const { client, tokens } = await reader(server);
    await refused(server, tokens);
    passSeconds(31);
    const second = await tokensOf(
      client.token({ refresh_token: tokens.refresh_token }),
    );
    passSeconds(TOKEN_SECONDS - 59);
    await refused(server, second);
    const third = await tokensOf(
      client.token({ refresh_token: second.refresh_token }),
    );
    const [head, body] = third.access_token.split('.');
    const forged = { ...third, access_token: `${head}.${body}.AAAA` };
    expect((await call(server, 'notes_write', forged)).status).toBe(401);
    await tokensOf(client.token({ refresh_token: third.refresh_token }));
  });

  it('is answered where nothing could be noted, as the refusal is', async () => {
    const { client, tokens } = await reader(server);
    Failing.fails = true;
    await refused(server, tokens).finally(() => (Failing.fails = false));
    await tokensOf(client.token({ refresh_token: tokens.refresh_token }));
  });
});

describe('a challenge of one instance', () => {
  onEveryStorage((storage) => {
    let first: Issuing;
    let second: Issuing;
    beforeAll(async () => {
      const { stores } = storage();
      const { privateKey } = await generateKeyPair('ES256', {
        extractable: true,
      });
      const shared = {
        signingKeys: [(await exportJWK(privateKey)) as JsonWebKey],
        secrets: ['a secret of the tests that is long enough'],
      };
      first = await bootIssuing(
        'express',
        { ...shared, store: stores[0] },
        { auth: AUTH },
      );
      second = await bootIssuing(
        'fastify',
        { ...shared, store: stores.at(-1), issuer: first.issuer },
        { auth: { ...AUTH, resource: first.endpoint } },
      );
    });
    afterAll(async () => {
      await second?.close();
      await first?.close();
    });

    it('is known to the one that is asked for the refresh', async () => {
      const { client, tokens } = await reader(first);
      await refused(second, tokens);
      const { refresh_token } = tokens;
      await expectInteraction(client.token({ refresh_token }));
      await tokensOf(client.token({ refresh_token }));
    });
  });
});
