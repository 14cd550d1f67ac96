import { jest } from '@jest/globals';
import type { LoggerService } from '@nestjs/common';
import { inspect } from 'node:util';
import { MAIN_TWO } from '../support/adapters.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import {
  type FakeUpstream,
  startFakeUpstream,
} from '../support/fake-upstream.js';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../support/frozen-time.js';
import { rpc } from '../support/json-rpc.js';
import { muteProvider } from '../support/mute-provider.js';
import { UpstreamLogin } from '../support/upstream-login.js';

/** What the provider and this server alone may know. */
const SECRETS = {
  clientSecret: 'upstream-client-s3cret',
  accessToken: 'upstream-access-token-1',
  refreshToken: 'upstream-refresh-token-1',
  renewedAccessToken: 'upstream-access-token-2',
  renewedRefreshToken: 'upstream-refresh-token-2',
};
const JSON_TYPE = { 'content-type': 'application/json' };

/** Keeps all that is logged, as deep as it goes: errors with their causes. */
class DeepLogger implements LoggerService {
  readonly lines: string[] = [];
  private readonly keep = (...parts: unknown[]): void => {
    this.lines.push(
      parts
        .map((part) =>
          typeof part === 'string'
            ? part
            : inspect(part, { depth: 10, showHidden: true }),
        )
        .join(' '),
    );
  };
  log = this.keep;
  error = this.keep;
  warn = this.keep;
  debug = this.keep;
  verbose = this.keep;
  fatal = this.keep;
}

describe.each(MAIN_TWO)('what nobody is told, on %s', (adapter) => {
  let upstream: FakeUpstream;
  let server: Issuing;
  let client: HandClient;
  let logger: DeepLogger;
  /** Status, headers and body of every answer of the server, with its path. */
  let answers: { path: string; text: string }[];
  let ourRefreshTokens: string[];

  beforeEach(async () => {
    muteProvider();
    answers = [];
    ourRefreshTokens = [];
    logger = new DeepLogger();
    upstream = await startFakeUpstream();
    server = await bootIssuing(
      adapter,
      {
        upstream: {
          issuer: upstream.issuer,
          clientId: 'atlas',
          clientSecret: SECRETS.clientSecret,
          scopes: ['openid', 'offline_access'],
          timeout: 500,
        },
        forwardUpstreamToken: true,
      },
      { nest: { logger } },
    );
    const original = globalThis.fetch;
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const response = await original(input, init);
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.origin === server.issuer) {
        const head = inspect([response.status, ...response.headers]);
        const text = `${head}\n${await response.clone().text()}`;
        answers.push({ path: url.pathname, text });
      }
      return response;
    });
    client = new HandClient(server.issuer, server.endpoint);
  });
  afterEach(async () => {
    releaseTime();
    jest.restoreAllMocks();
    await server?.close();
    await upstream.close();
  });

  const logIn = async (): Promise<UpstreamLogin> => {
    const login = await UpstreamLogin.begin(upstream, client);
    await login.issue(
      {},
      {
        access_token: SECRETS.accessToken,
        refresh_token: SECRETS.refreshToken,
        expires_in: 300,
      },
    );
    return login;
  };

  async function tokens(form: Record<string, string>): Promise<string> {
    const body = (await (await client.token(form)).json()) as {
      access_token?: string;
      refresh_token?: string;
    };
    if (body.refresh_token) {
      ourRefreshTokens.push(body.refresh_token);
    }
    return body.access_token ?? '';
  }

  const call = (token: string) =>
    rpc(
      server.endpoint,
      'modern',
      'tools/call',
      { name: 'notes_read', arguments: {} },
      { headers: { authorization: `Bearer ${token}` } },
    );

  /** Answers every request with an error that repeats all it was sent. */
  function echo(status: number, error?: string): void {
    upstream.routes.set('/token', ({ headers, body }) => ({
      status,
      headers: JSON_TYPE,
      json: {
        ...(error && { error }),
        error_description: `${headers.authorization} ${body}`,
        hint: SECRETS,
      },
    }));
  }

  it('is never in an answer or the log, in a run with every mishap', async () => {
    freezeTime(Date.now());
    // Mishaps at the login: errors that repeat the request, garbage, replays.
    const repeated = await logIn();
    await repeated.comeBack({ state: 'unknown' });
    for (const [status, error] of [
      [400, 'invalid_grant'],
      [401, 'invalid_client'],
      [400, `bad ${SECRETS.clientSecret}`],
      [500, undefined],
      [200, undefined],
    ] as const) {
      const login = await logIn();
      echo(status, error);
      const { searchParams } = (await login.comeBack()).url;
      expect(searchParams.get('error')).toMatch(
        /^(access_denied|server_error|temporarily_unavailable)$/,
      );
    }
    const forged = await logIn();
    await forged.issue(
      { nonce: 'another' },
      {
        access_token: SECRETS.accessToken,
        refresh_token: SECRETS.refreshToken,
      },
    );
    const refused = (await forged.comeBack()).url.searchParams;
    expect([refused.get('error'), refused.get('code')]).toEqual([
      expect.stringMatching(/^(access_denied|server_error)$/),
      null,
    ]);

    // A login that works, a call, and our own refresh.
    const login = await logIn();
    const end = await login.comeBack();
    const access = await tokens({
      code: end.url.searchParams.get('code') ?? '',
    });
    expect((await call(access)).status).toBe(200);
    expect((await login.comeBack()).status).toBe(403);
    const next = await tokens({ refresh_token: ourRefreshTokens[0] ?? '' });
    expect(ourRefreshTokens).toHaveLength(2);

    // The provider's token is renewed; then that is refused, and fails.
    upstream.routes.set('/token', {
      headers: JSON_TYPE,
      json: {
        access_token: SECRETS.renewedAccessToken,
        refresh_token: SECRETS.renewedRefreshToken,
        token_type: 'Bearer',
        expires_in: 300,
      },
    });
    passSeconds(280);
    expect((await call(next)).status).toBe(200);
    expect(upstream.requests.at(-1)?.body).toContain(SECRETS.refreshToken);
    echo(503);
    passSeconds(301);
    const outage = await call(next);
    expect(outage.response?.result).toMatchObject({ isError: true });
    passSeconds(5);
    echo(400, 'invalid_grant');
    expect((await call(next)).status).toBe(401);

    // Reuse of a refresh token, and revocation.
    await tokens({ refresh_token: ourRefreshTokens[0] ?? '' });
    await fetch(`${server.issuer}/oauth/revoke`, {
      method: 'POST',
      body: new URLSearchParams({
        token: ourRefreshTokens[1] ?? '',
        client_id: client.clientId,
      }),
    });
    expect((await call(next)).status).toBe(401);

    // What is searched does hold the way to the provider, and the calls.
    const { asked } = login;
    expect(answers.map(({ text }) => text).join()).toContain(
      asked.searchParams.get('state'),
    );
    expect(answers.map(({ path }) => path)).toContain('/mcp');
    expect(answers.length).toBeGreaterThan(30);
    expect(logger.lines.length).toBeGreaterThan(10);
    for (const secret of Object.values(SECRETS)) {
      const variants = [
        secret,
        Buffer.from(`atlas:${secret}`).toString('base64'),
      ];
      for (const text of variants) {
        expect(answers.filter((answer) => answer.text.includes(text))).toEqual(
          [],
        );
        expect(logger.lines.filter((line) => line.includes(text))).toEqual([]);
      }
    }
    for (const token of ourRefreshTokens) {
      // Told to its client, once.
      expect(answers.filter(({ text }) => text.includes(token))).toMatchObject([
        { path: '/oauth/token' },
      ]);
      expect(logger.lines.filter((line) => line.includes(token))).toEqual([]);
    }
    for (const token of [access, next]) {
      expect(logger.lines.filter((line) => line.includes(token))).toEqual([]);
    }
  });
});
