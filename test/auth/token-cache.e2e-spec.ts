import { Module } from '@nestjs/common';
import { JwtTokenVerifier, McpModule } from '../../lib/index.js';
import { NotesModule } from '../fixtures/auth/notes.controller.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { challengeOf, resultFor, tryTool } from '../support/auth-calls.js';
import {
  createIssuer,
  RESOURCE,
  type TestIssuer,
} from '../support/auth-issuer.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { DpopKey, tokenHash } from '../support/dpop-key.js';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../support/frozen-time.js';
import { ERAS } from '../support/json-rpc.js';

const NOW = 1_800_000_000;

describe.each(ADAPTERS)('a token that is still known, on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: (BootedApp & { readonly endpoint?: string }) | undefined;

  beforeEach(async () => {
    freezeTime(NOW * 1000);
    issuer = await createIssuer();
  });
  afterEach(async () => {
    releaseTime();
    await booted?.close();
  });

  const boot = async (): Promise<string> => {
    const server = await bootProtected(adapter, { verifier: issuer.verifier });
    booted = server;
    return server.endpoint;
  };
  const read = (endpoint: string, headers: Record<string, string>) =>
    tryTool(endpoint, 'modern', 'notes_read', {}, { headers });

  it.each(ERAS)(
    'is refused once it has expired, in the %s era (RFC 6750, section 3.1)',
    async (era) => {
      const endpoint = await boot();
      const headers = await issuer.bearer({ exp: NOW + 30 });
      const call = () => tryTool(endpoint, era, 'notes_read', {}, { headers });
      expect((await call()).status).toBe(200);
      passSeconds(29);
      expect((await call()).status).toBe(200);
      passSeconds(1);
      const answer = await call();
      expect(answer.status).toBe(401);
      expect(challengeOf(answer).parameters.error).toBe('invalid_token');
    },
  );

  it.each(ERAS)(
    'needs the scopes of each operation, in the %s era (RFC 6750, section 3.1)',
    async (era) => {
      const endpoint = await boot();
      const headers = await issuer.bearer({ scope: 'notes:read' });
      for (let round = 0; round < 2; round += 1) {
        expect(await resultFor(endpoint, era, 'notes_read', headers)).toEqual({
          subject: 'ada',
          scopes: ['notes:read'],
        });
        const answer = await tryTool(
          endpoint,
          era,
          'notes_write',
          { text: 'x' },
          { headers },
        );
        expect(answer.status).toBe(403);
        expect(challengeOf(answer).parameters).toMatchObject({
          error: 'insufficient_scope',
          scope: 'notes:read notes:write',
        });
      }
    },
  );

  it('needs a new proof on each request where it is bound to a key (RFC 9449, section 7.1)', async () => {
    const endpoint = await boot();
    const key = await DpopKey.create();
    const token = await issuer.token({ cnf: { jkt: key.jkt } });
    const authorization = `DPoP ${token}`;
    const prove = () => key.prove({ htu: RESOURCE, ath: tokenHash(token) });
    const dpop = await prove();
    const fresh = await prove();
    const stolen = await DpopKey.create();
    expect((await read(endpoint, { authorization, dpop })).status).toBe(200);
    const refused: Record<string, string>[] = [
      { authorization },
      { authorization, dpop },
      {
        authorization,
        dpop: await stolen.prove({ htu: RESOURCE, ath: tokenHash(token) }),
      },
      { authorization: `Bearer ${token}` },
    ];
    for (const headers of refused) {
      expect((await read(endpoint, headers)).status).toBe(401);
    }
    expect((await read(endpoint, { authorization, dpop: fresh })).status).toBe(
      200,
    );
  });

  it('is refused by another server that shares its verifier, as it is meant for one of them (RFC 8707)', async () => {
    const verifier = new JwtTokenVerifier(issuer.verifier);
    const [forA, forB] = await Promise.all(
      ['a', 'b'].map((name) => issuer.bearer({ aud: `${RESOURCE}/${name}` })),
    );
    const server = (name: string) =>
      McpModule.forRoot({
        name,
        path: `/mcp/${name}`,
        auth: { resource: `${RESOURCE}/${name}`, verifier },
      });
    @Module({ imports: [server('a'), server('b'), NotesModule] })
    class TwoServers {}
    booted = await bootApp(TwoServers, adapter);
    const statusOf = async (name: string, headers = {}) =>
      (await read(`${booted?.url}/mcp/${name}`, headers)).status;
    for (let round = 0; round < 2; round += 1) {
      expect(await statusOf('a', forA)).toBe(200);
      expect(await statusOf('b', forA)).toBe(401);
      expect(await statusOf('b', forB)).toBe(200);
      expect(await statusOf('a', forB)).toBe(401);
    }
  });
});
