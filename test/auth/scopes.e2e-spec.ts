import { Journal } from '../fixtures/auth/notes.controller.js';
import { VAULT, VaultModule } from '../fixtures/auth/vault.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import {
  challengeOf,
  listedFor,
  resultFor,
  tryTool,
} from '../support/auth-calls.js';
import { createIssuer, type TestIssuer } from '../support/auth-issuer.js';
import { ERAS, post, rpc, rpcBody, rpcHeaders } from '../support/json-rpc.js';

type Booted = Awaited<ReturnType<typeof bootProtected>>;

const METADATA =
  'https://api.example.com/.well-known/oauth-protected-resource/mcp';

/** Sets of scopes, from none to all. */
const GRANTS: readonly (readonly string[])[] = [
  [],
  ['vault:use'],
  ['vault:read', 'vault:write'],
  ['vault:use', 'vault:read'],
  ['vault:use', 'vault:read', 'vault:write'],
  ['vault:use', 'vault:seal'],
  ['vault:use', 'vault:seal', 'offline_access'],
  ['vault:use', 'vault:audit'],
  ['vault', 'vault:', 'vault:use2', 'VAULT:USE', 'vault:*'],
  ['vault:use', 'vault:read', 'vault:write', 'vault:seal', 'vault:audit'],
];

describe.each(ADAPTERS)('scopes of tools on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: Booted;
  let journal: Journal;

  beforeAll(async () => {
    issuer = await createIssuer();
    booted = await bootProtected(
      adapter,
      {
        verifier: issuer.verifier,
        authorizationServers: [issuer.issuer],
      },
      { imports: [VaultModule] },
    );
    journal = booted.app.get(Journal, { strict: false });
  });
  beforeEach(() => void journal.ran.splice(0));
  afterAll(() => booted?.close());

  const bearer = (...scopes: string[]) =>
    issuer.bearer({ scope: scopes.join(' ') });

  describe.each(ERAS)('in the %s era', (era) => {
    it.each(GRANTS)(
      'list, call and REST follow one rule for a token with %j (MCP Authorization, "Scope Challenge Handling")',
      async (...granted) => {
        const headers = await bearer(...granted);
        const listed = await listedFor(booted.endpoint, era, headers);
        for (const { tool, scopes, route } of VAULT) {
          const isAllowed = scopes.every((scope) => granted.includes(scope));
          journal.ran.splice(0);
          const answer = await tryTool(
            booted.endpoint,
            era,
            tool,
            {},
            {
              headers,
            },
          );
          expect([tool, listed.includes(tool)]).toEqual([tool, isAllowed]);
          expect([tool, answer.status]).toEqual([tool, isAllowed ? 200 : 403]);
          expect(journal.ran).toEqual(isAllowed ? [tool] : []);
          if (route) {
            const [method, path] = route;
            const response = await fetch(`${booted.url}${path}`, {
              method,
              headers,
            });
            expect([tool, response.ok]).toEqual([tool, isAllowed]);
          }
        }
      },
    );

    it.each([
      ['vault_open', 'vault:use vault:write'],
      ['vault_store', 'vault:use vault:read vault:write'],
      ['vault_sealed', 'vault:use vault:seal vault:write'],
      ['vault_audit', 'vault:use vault:audit vault:write'],
    ])(
      'a call of %s without them is 403 insufficient_scope with all of them and those of the token, before any body (RFC 6750 3.1, MCP Authorization "Runtime Insufficient Scope Errors")',
      async (tool, scope) => {
        const answer = await tryTool(
          booted.endpoint,
          era,
          tool,
          { text: 'x' },
          {
            headers: await bearer('vault:write'),
            meta: { progressToken: 'p' },
          },
        );
        expect(answer.status).toBe(403);
        expect(answer.headers.get('content-type')).toContain(
          'application/json',
        );
        expect(answer.headers.get('cache-control')).toBe('no-store');
        const { scheme, parameters } = challengeOf(answer);
        expect(scheme).toBe('Bearer');
        expect(parameters).toMatchObject({
          error: 'insufficient_scope',
          scope,
          resource_metadata: METADATA,
        });
        expect(JSON.parse(answer.text)).toEqual({
          error: 'insufficient_scope',
          error_description: parameters['error_description'],
        });
        expect(journal.ran).toEqual([]);
      },
    );

    it('one scope with a space in it is not two, whoever asked before', async () => {
      const scp = (...scopes: string[]) => issuer.bearer({ scp: scopes });
      const odd = await scp('vault:audit vault:use');
      const even = await scp('vault:use', 'vault:audit');
      for (const [headers, isListed] of [
        [even, true],
        [odd, false],
        [even, true],
      ] as const) {
        const listed = await listedFor(booted.endpoint, era, headers);
        expect(listed.includes('vault_audit')).toBe(isListed);
      }
    });

    it('a call with a content type that hides the body is held to them all the same', async () => {
      const params = { name: 'vault_store', arguments: { text: 'x' } };
      const answer = await post(
        booted.endpoint,
        JSON.stringify(rpcBody(era, 'tools/call', params)),
        {
          ...rpcHeaders(era, 'tools/call', params),
          ...(await bearer('vault:use')),
          'content-type': 'text/plain; application/json',
        },
      );
      expect([403, 415]).toContain(answer.status);
      expect(journal.ran).toEqual([]);
    });

    it('an anonymous call is 401 with the scopes of the tool, and no error (RFC 6750 3.1)', async () => {
      const answer = await tryTool(booted.endpoint, era, 'vault_store');
      expect(answer.status).toBe(401);
      expect(challengeOf(answer).parameters).toEqual({
        scope: 'vault:use vault:read vault:write',
        resource_metadata: METADATA,
      });
    });

    it('@McpPublic() is listed and called without a token, and nothing else is', async () => {
      expect(await listedFor(booted.endpoint, era)).toEqual([
        'vault_address',
        'vault_hours',
      ]);
      expect(await resultFor(booted.endpoint, era, 'vault_hours')).toEqual({
        hours: '9 to 5',
      });
      expect(await resultFor(booted.endpoint, era, 'vault_address')).toEqual({
        address: 'Main street',
      });
      for (const tool of ['vault_open', 'vault_audit', 'no_such_tool']) {
        expect((await tryTool(booted.endpoint, era, tool)).status).toBe(401);
      }
      expect(journal.ran).toEqual(['vault_hours', 'vault_address']);
    });

    it.each(['tools/list', 'tools/call'])(
      '@McpPublic() does not excuse a bad token, in %s (RFC 6750 3.1)',
      async (method) => {
        const answer = await rpc(
          booted.endpoint,
          era,
          method,
          method === 'tools/call' ? { name: 'vault_hours', arguments: {} } : {},
          { headers: { authorization: 'Bearer expired-or-foreign' } },
        );
        expect(answer.status).toBe(401);
        expect(challengeOf(answer).parameters['error']).toBe('invalid_token');
        expect(journal.ran).toEqual([]);
      },
    );

    it('lists that depend on the caller are private (MCP 2026-07-28, "Caching")', async () => {
      for (const headers of [{}, await bearer('vault:use')]) {
        const answer = await rpc(
          booted.endpoint,
          era,
          'tools/list',
          {},
          { headers },
        );
        const { result } = answer.response ?? {};
        expect(result?.['cacheScope']).toBe(
          era === 'modern' ? 'private' : undefined,
        );
        expect(answer.headers.get('cache-control') ?? '').not.toContain(
          'public',
        );
      }
    });
  });

  it('a batch needs the scopes of every call in it, and runs none without', async () => {
    const call = (id: number, name: string) =>
      rpcBody('legacy', 'tools/call', { name, arguments: {} }, { id });
    const answer = await post(
      booted.endpoint,
      JSON.stringify([call(1, 'vault_open'), call(2, 'vault_audit')]),
      {
        ...rpcHeaders('legacy', 'tools/call', {}),
        ...(await bearer('vault:use')),
      },
    );
    expect(answer.status).toBe(403);
    expect(challengeOf(answer).parameters['scope']).toBe(
      'vault:use vault:audit',
    );
    expect(journal.ran).toEqual([]);
  });

  it('over REST the refusal is the same 401 and 403, with the challenge', async () => {
    const url = `${booted.url}/vault`;
    const anonymous = await fetch(url, { method: 'POST' });
    expect(anonymous.status).toBe(401);
    expect(challengeOf(anonymous).parameters).toEqual({
      scope: 'vault:use vault:read vault:write',
      resource_metadata: METADATA,
    });
    const lacking = await fetch(url, {
      method: 'POST',
      headers: await bearer('vault:use'),
    });
    expect(lacking.status).toBe(403);
    expect(challengeOf(lacking).parameters).toMatchObject({
      error: 'insufficient_scope',
      scope: 'vault:use vault:read vault:write',
    });
    expect(await lacking.json()).toMatchObject({ error: 'insufficient_scope' });
    expect(journal.ran).toEqual([]);
  });

  it('are told in scopes_supported, but for offline_access (MCP Authorization, "Refresh Tokens")', async () => {
    const response = await fetch(
      `${booted.url}/.well-known/oauth-protected-resource/mcp`,
    );
    const { scopes_supported: scopes } = (await response.json()) as {
      scopes_supported: string[];
    };
    expect(scopes.toSorted()).toEqual([
      'vault:audit',
      'vault:read',
      'vault:seal',
      'vault:use',
      'vault:write',
    ]);
  });
});
