import { JwtTokenVerifier } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { createIssuer, now, type TestIssuer } from '../support/auth-issuer.js';
import { callTool } from '../support/call-tool.js';
import { modernMeta, rpc, rpcHeaders } from '../support/json-rpc.js';
import { bootSessions, type SessionApp } from '../support/sessions-app.js';
import {
  beginSession,
  listenTo,
  NOT_FOUND,
  probe,
  stream,
} from '../support/sessions.js';
import { until } from '../support/until.js';

/** Statuses of {@link probe} by the session's owner. */
const SERVED = [200, 406, 200];

describe.each(ADAPTERS)('the owner of a session on %s', (adapter) => {
  let issuer: TestIssuer;
  let other: TestIssuer;
  let app: SessionApp;
  let endpoint: string;

  beforeAll(async () => {
    issuer = await createIssuer();
    other = await createIssuer('https://other.example.com');
    app = await bootSessions(adapter, {
      auth: {
        verifier: new JwtTokenVerifier({
          issuers: [issuer.verifier, other.verifier],
        } as never),
      },
    });
    endpoint = app.endpoint;
  });
  afterAll(() => app?.close());

  const ownSession = async () =>
    beginSession(endpoint, await issuer.bearer({ sub: 'ada' }));

  describe.each([
    ['another subject', () => issuer.bearer({ sub: 'eve' })],
    ['another client', () => issuer.bearer({ client_id: 'other' })],
    ['the same subject of another issuer', () => other.bearer()],
    [
      'the same user without a client',
      () => issuer.bearer({ client_id: undefined }),
    ],
    ['nobody', () => Promise.resolve({})],
  ])('is not %s', (_, credentials) => {
    it('to whom it is unknown: 404 on POST, GET and DELETE (MCP, Security Best Practices, "Session Hijacking")', async () => {
      const session = await ownSession();
      const headers = {
        'mcp-session-id': session.id,
        accept: 'application/json, text/event-stream',
        ...(await credentials()),
      };
      expect(await probe(endpoint, headers)).toEqual(NOT_FOUND);
      const text = async (sessionId: string) =>
        (
          await rpc(
            endpoint,
            'legacy',
            'tools/list',
            {},
            {
              headers: { ...headers, 'mcp-session-id': sessionId },
            },
          )
        ).text;
      // Nothing tells it from one that never was.
      expect(await text(session.id)).toBe(await text('no-session'));
      expect(
        (
          await rpc(
            endpoint,
            'legacy',
            'ping',
            {},
            { headers: session.headers },
          )
        ).status,
      ).toBe(200);
    });
  });

  it('of an anonymous session is nobody with a token (MCP, Security Best Practices, "Session Hijacking")', async () => {
    const session = await beginSession(endpoint);
    expect(
      await probe(endpoint, { ...session.headers, ...(await issuer.bearer()) }),
    ).toEqual(NOT_FOUND);
    expect(
      (await rpc(endpoint, 'legacy', 'ping', {}, { headers: session.headers }))
        .status,
    ).toBe(200);
  });

  it('is the same with a token that was refreshed', async () => {
    const session = await ownSession();
    const answers = await probe(endpoint, {
      ...session.headers,
      accept: 'application/json',
      ...(await issuer.bearer({ jti: 'refreshed', exp: now() + 900 })),
    });
    expect(answers.map(([, status]) => status)).toEqual([406, 406, 200]);
  });

  it('is known by a token that is verified on every request (MCP Authorization, "Token Handling")', async () => {
    const session = await ownSession();
    for (const authorization of [
      'Bearer nonsense',
      (await issuer.bearer({ exp: now() - 600 })).authorization,
      (await issuer.bearer({ aud: 'https://elsewhere.example.com' }))
        .authorization,
    ]) {
      const answers = await probe(endpoint, {
        ...session.headers,
        authorization,
      });
      expect(answers.map(([, status]) => status)).toEqual([401, 401, 401]);
    }
    expect(SERVED[0]).toBe(
      (await rpc(endpoint, 'legacy', 'ping', {}, { headers: session.headers }))
        .status,
    );
  });

  it('has the rights of the token of each request, not of the first', async () => {
    const session = await ownSession();
    const results = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const result = await callTool(
          endpoint,
          'who',
          {},
          {
            era: 'legacy',
            id: index,
            headers: {
              ...session.headers,
              'x-caller': `caller-${index}`,
              ...(await issuer.bearer({ scope: `scope-${index}` })),
            },
          },
        );
        return result.structuredContent ?? JSON.parse(result.text);
      }),
    );
    results.forEach((result, index) => {
      const seen = {
        scopes: [`scope-${index}`],
        caller: `caller-${index}`,
        session: session.id,
      };
      expect(result).toEqual({ before: seen, after: seen });
    });
  });

  describe('whose token expires', () => {
    it('loses the GET stream, and may open it with a new token (2025-11-25, Transports)', async () => {
      const brief = await issuer.bearer({ exp: now() + 2 });
      const session = await beginSession(endpoint, brief);
      const opened = await listenTo(endpoint, session.headers);
      expect(opened.status()).toBe(200);
      await opened.ended;
      expect(opened.isComplete()).toBe(true);
      expect(Date.now() / 1000).toBeGreaterThanOrEqual(now() - 1);
      const again = await listenTo(endpoint, {
        ...session.headers,
        ...(await issuer.bearer()),
      });
      expect(again.status()).toBe(200);
      again.abandon();
    }, 15_000);

    it('loses its subscription (2026-07-28, "Subscriptions")', async () => {
      const params = { notifications: { toolsListChanged: true } };
      const started = Date.now();
      const opened = stream(
        endpoint,
        'POST',
        {
          ...rpcHeaders('modern', 'subscriptions/listen', params),
          ...(await issuer.bearer({ exp: now() + 2 })),
        },
        {
          jsonrpc: '2.0',
          id: 1,
          method: 'subscriptions/listen',
          params: { ...params, _meta: modernMeta() },
        },
      );
      await until(() => opened.received().includes('acknowledged'));
      await opened.ended;
      expect(opened.isComplete()).toBe(true);
      expect(Date.now() - started).toBeGreaterThan(900);
    }, 15_000);
  });
});
