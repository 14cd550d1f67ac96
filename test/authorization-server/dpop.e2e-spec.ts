import { request } from 'node:http';
import { decodeJwt } from 'jose';
import { MAIN_TWO } from '../support/adapters.js';
import { challengeOf, tryTool } from '../support/auth-calls.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { DpopKey, tokenHash } from '../support/dpop-key.js';
import { rpcBody, rpcHeaders } from '../support/json-rpc.js';
import { PageBrowser } from '../support/page-browser.js';

describe.each(MAIN_TWO)('tokens bound by DPoP on %s', (adapter) => {
  let server: Issuing;
  let key: DpopKey;
  let token: string;
  let bearer: string;

  beforeAll(async () => {
    server = await bootIssuing(adapter);
    key = await DpopKey.create();
    bearer = (await redeem({})).access_token;
    const htu = `${server.issuer}/oauth/token`;
    const answer = await redeem({ dpop: await key.prove({ htu }) });
    expect(answer.token_type).toBe('DPoP');
    token = answer.access_token;
  });
  afterAll(() => server?.close());

  it('names the key in the token (RFC 9449, section 6.1)', () => {
    expect(decodeJwt(token)['cnf']).toEqual({ jkt: key.jkt });
    expect(decodeJwt(bearer)['cnf']).toBeUndefined();
  });

  it.each(['DPoP', 'dpop'])(
    'lets the holder of the key in as %s, and the next time with another proof',
    async (scheme) => {
      for (const era of ['modern', 'legacy'] as const) {
        const answer = await call(await proof(), { scheme, era });
        expect(answer.status).toBe(200);
        expect(answer.messages[0]).toHaveProperty('result');
      }
    },
  );

  it('takes the token as no bearer token, with or without a proof (RFC 9449, section 7.1)', async () => {
    await expectRefused(undefined, { scheme: 'Bearer' });
    await expectRefused(await proof(), { scheme: 'Bearer' });
  });

  it('still takes a bearer token, and that not as DPoP', async () => {
    const plain = await call(undefined, { scheme: 'Bearer', sent: bearer });
    expect(plain.status).toBe(200);
    const ath = tokenHash(bearer);
    await expectRefused(await proof({ ath }), { sent: bearer });
  });

  it.each([
    ['another method', { htm: 'GET' }],
    ['another path', { htu: 'PATH' }],
    ['another host', { htu: 'https://evil.example/mcp' }],
    ['the token endpoint', { htu: 'TOKEN' }],
    ['no URL', { htu: undefined }],
    ['another token', { ath: tokenHash('another') }],
    ['no token', { ath: undefined }],
    ['no id', { jti: undefined }],
    ['an old time', { iat: Math.floor(Date.now() / 1000) - 120 }],
    ['a time to come', { iat: Math.floor(Date.now() / 1000) + 600 }],
    ['no time', { iat: undefined }],
  ])(
    'refuses a proof for %s (RFC 9449, section 4.3)',
    async (_, claims: Readonly<Record<string, unknown>>) => {
      const urls: Record<string, string> = {
        PATH: `${server.endpoint}/other`,
        TOKEN: `${server.issuer}/oauth/token`,
      };
      const { htu } = claims;
      await expectRefused(
        await proof({
          ...claims,
          ...(typeof htu === 'string' && { htu: urls[htu] ?? htu }),
        }),
      );
    },
  );

  it('does not let the Host header choose the URL of a proof', async () => {
    const htu = server.endpoint.replace('127.0.0.1', 'localhost');
    const { host } = new URL(htu);
    expect(await wire([await proof({ htu })], { host })).toBe(401);
    // The host is not what it was refused for.
    expect(await wire([await proof()], { host })).toBe(200);
  });

  it('refuses the proof of another key', async () => {
    const thief = await DpopKey.create();
    await expectRefused(await proof({}, thief));
  });

  it('refuses a proof that was used (RFC 9449, section 11.1)', async () => {
    const once = await proof();
    expect((await call(once)).status).toBe(200);
    await expectRefused(once);
  });

  it('refuses no proof, two proofs, and what is none', async () => {
    expect(await wire([])).toBe(401);
    expect(await wire([await proof(), await proof()])).toBe(401);
    const twice = await proof();
    expect(await wire([twice, twice])).toBe(401);
    for (const nonsense of ['', 'x', 'a.b.c', '{}', `${token}`]) {
      expect([nonsense, await wire([nonsense])]).toEqual([nonsense, 401]);
    }
    // The wire is not what they were refused for.
    expect(await wire([twice])).toBe(200);
  });

  const proof = (
    claims: Readonly<Record<string, unknown>> = {},
    by = key,
  ): Promise<string> =>
    by.prove({ htu: server.endpoint, ath: tokenHash(token), ...claims });

  const call = (
    dpop: string | undefined,
    {
      scheme = 'DPoP',
      sent = token,
      era = 'modern' as 'modern' | 'legacy',
    } = {},
  ) =>
    tryTool(
      server.endpoint,
      era,
      'notes_read',
      {},
      {
        headers: {
          authorization: `${scheme} ${sent}`,
          ...(dpop !== undefined && { dpop }),
        },
      },
    );

  async function expectRefused(
    ...parameters: Parameters<typeof call>
  ): Promise<void> {
    const answer = await call(...parameters);
    expect(answer.status).toBe(401);
    expect(challengeOf(answer).parameters).toMatchObject({
      error: 'invalid_token',
    });
  }

  async function redeem(headers: Record<string, string>) {
    const client = new HandClient(server.issuer, server.endpoint);
    const code = await client.logIn(new PageBrowser());
    const response = await client.token({ code }, headers);
    expect(response.status).toBe(200);
    return (await response.json()) as {
      access_token: string;
      token_type: string;
    };
  }

  /** Sends each proof in a header line of its own. */
  const wire = (dpop: string[], headers: object = {}): Promise<number> =>
    new Promise((resolve, reject) => {
      const params = { name: 'notes_read', arguments: {} };
      request(
        server.endpoint,
        {
          method: 'POST',
          headers: {
            ...rpcHeaders('modern', 'tools/call', params),
            authorization: `DPoP ${token}`,
            ...(dpop.length > 0 && { dpop }),
            ...headers,
          },
          agent: false,
        },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
        },
      )
        .on('error', reject)
        .end(JSON.stringify(rpcBody('modern', 'tools/call', params)));
    });
});
