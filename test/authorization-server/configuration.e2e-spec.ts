import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { Module } from '@nestjs/common';
import { decodeProtectedHeader } from 'jose';
import {
  McpAuthorizationServerModule,
  MemoryOAuthStore,
} from '../../lib/authorization-server/index.js';
import {
  makeKey,
  SECRETS,
  WRONG_OPTIONS,
} from '../fixtures/auth/wrong-server-options.js';
import { tryTool } from '../support/auth-calls.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
  TestLogin,
} from '../support/authorization-server.js';
import { bootApp } from '../support/boot-app.js';
import { PageBrowser } from '../support/page-browser.js';

describe('options of an authorization server', () => {
  it.each(
    WRONG_OPTIONS.map(([options, ...words]) => ({
      title: words.join(', '),
      options,
      words,
    })),
  )(
    'stop the application with a sentence: $title',
    async ({ options, words }) => {
      const message = await failureOf(bootIssuing('express', options));
      for (const word of words) {
        expect(message).toContain(word);
      }
      expect(message).toMatch(/^authorizationServer/);
    },
  );

  it.each([
    [['short'], 'has 5 characters'],
    [[undefined], 'is undefined'],
    [[7], 'is no text'],
  ])('name the secret that is none: %j', async (added, found) => {
    const message = await failureOf(
      bootIssuing('express', { secrets: [...SECRETS, ...added] as string[] }),
    );
    expect(message).toContain(`McpModule: secrets[${SECRETS.length}] ${found}`);
  });

  it('stop the application where there is nobody to log people in', async () => {
    const message = await failureOf(
      bootIssuing('express', { login: undefined }),
    );
    expect(message).toMatch(
      /authorizationServer\.login .*authorizationServer\.upstream/s,
    );
  });

  it('stop the application where the resource makes no issuer', async () => {
    const message = await failureOf(
      bootIssuing(
        'express',
        {},
        { auth: { resource: 'http://127.0.0.1.evil.com/mcp' } },
      ),
    );
    expect(message).toContain('127.0.0.1.evil.com');
  });

  it.each([
    { resources: [] },
    { resources: ['mcp'] },
    { resources: ['https://api.example/mcp#x'] },
  ])('of a server alone stop the application with %j', async (options) => {
    @Module({
      imports: [
        McpAuthorizationServerModule.forRoot({
          issuer: 'https://auth.example',
          login: new TestLogin(),
          ...options,
        }),
      ],
    })
    class Alone {}
    expect(await failureOf(bootApp(Alone, 'express'))).toMatch(
      /^authorizationServer\.resources .*Write/s,
    );
  });

  describe('in production', () => {
    const before = process.env['NODE_ENV'];
    beforeEach(() => {
      process.env['NODE_ENV'] = 'production';
    });
    afterEach(() => {
      process.env['NODE_ENV'] = before;
    });

    it.each([
      ['signingKeys', 'authorizationServer.signingKeys is missing'],
      ['secrets', 'secrets is missing'],
    ] as const)('have to name %s', async (missing, found) => {
      const complete = { signingKeys: [makeKey('a')], secrets: SECRETS };
      const message = await failureOf(
        bootIssuing('express', { ...complete, [missing]: undefined }),
      );
      expect(message).toContain(found);
      expect(message).toContain('production');
    });

    it('are complete with both', async () => {
      const server = await bootIssuing('express', {
        signingKeys: [makeKey('a')],
        secrets: SECRETS,
      });
      await server.close();
    });
  });

  it('left out are made up, with a warning for each', async () => {
    const server = await bootIssuing('express');
    const warnings = server.logger.of('warn').join('\n');
    for (const name of [
      'authorizationServer.signingKeys',
      'McpModule.forRoot({ secrets })',
      'authorizationServer.store',
    ]) {
      expect(warnings).toContain(name);
    }
    await server.close();
  });
});

describe('keys and secrets of an authorization server', () => {
  const store = new MemoryOAuthStore();
  let server: Issuing | undefined;

  afterEach(() => server?.close());

  it.each([
    ['ES256', 'ec', { namedCurve: 'P-256' }],
    ['ES384', 'ec', { namedCurve: 'P-384' }],
    ['ES512', 'ec', { namedCurve: 'P-521' }],
    ['RS256', 'rsa', { modulusLength: 2048 }],
    ['EdDSA', 'ed25519', undefined],
  ])('sign with %s, from PEM', async (alg, kind, details) => {
    const { privateKey } = generateKeyPairSync(
      kind as 'ec',
      details as { namedCurve: string },
    );
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    server = await bootIssuing('express', {
      signingKeys: [pem],
      secrets: SECRETS,
    });
    const { access_token } = await logIn(server);
    expect(decodeProtectedHeader(access_token)).toMatchObject({ alg });
    expect(await readNotes(server, access_token)).toBe(200);
    const jwks = await (await fetch(`${server.issuer}/oauth/jwks`)).text();
    expect(jwks).toContain('"kid"');
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) {
      expect(jwks).not.toContain(`"${secret}":`);
    }
  });

  it('are replaced by adding: tokens of the old key are accepted, those of a removed one are not', async () => {
    const [old, fresh] = [makeKey('old'), makeKey('fresh')];
    const options = {
      secrets: SECRETS,
      store,
      issuer: 'https://auth.example',
      clients: [
        {
          clientId: 'robot',
          clientSecret: SECRETS[0],
          grantTypes: ['client_credentials'],
        },
      ] as const,
    };
    const use = async (signingKeys: JsonWebKey[]): Promise<Issuing> => {
      await server?.close();
      server = await bootIssuing(
        'express',
        { ...options, signingKeys },
        { auth: { resource: 'https://api.example/mcp' } },
      );
      return server;
    };
    const token = await robotToken(await use([old]));
    expect(decodeProtectedHeader(token)).toHaveProperty('kid', 'old');
    const rotated = await use([fresh, old]);
    expect(await readNotes(rotated, token)).toBe(200);
    const next = await robotToken(rotated);
    expect(decodeProtectedHeader(next)).toHaveProperty('kid', 'fresh');
    expect(await readNotes(rotated, next)).toBe(200);
    const jwks = (await (await fetch(`${rotated.url}/oauth/jwks`)).json()) as {
      keys: { kid: string }[];
    };
    expect(jwks.keys.map(({ kid }) => kid)).toEqual(['fresh', 'old']);
    const removed = await use([fresh]);
    expect(await readNotes(removed, token)).toBe(401);
    expect(await readNotes(removed, next)).toBe(200);
  });

  async function robotToken({ url }: Issuing): Promise<string> {
    const answer = await fetch(`${url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      headers: {
        authorization: `Basic ${Buffer.from(`robot:${SECRETS[0]}`).toString('base64')}`,
      },
    });
    return ((await answer.json()) as Tokens).access_token;
  }
});

interface Tokens {
  readonly access_token: string;
}

async function logIn(server: Issuing): Promise<Tokens> {
  const client = new HandClient(server.issuer, server.endpoint);
  const code = await client.logIn(new PageBrowser());
  return (await (await client.token({ code })).json()) as Tokens;
}

async function readNotes({ url }: Issuing, token: string): Promise<number> {
  const { status } = await tryTool(
    `${url}/mcp`,
    'modern',
    'notes_read',
    {},
    {
      headers: { authorization: `Bearer ${token}` },
    },
  );
  return status;
}

/** The message an application stops with; it must. */
async function failureOf(
  boot: Promise<{ close(): Promise<void> }>,
): Promise<string> {
  const app = await boot.catch((error: unknown) => error as Error);
  if ('message' in app) {
    return app.message;
  }
  await app.close();
  throw new Error('The application started');
}
