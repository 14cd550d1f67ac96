import { Journal, NotesModule } from '../fixtures/auth/notes.controller.js';
import { VaultModule } from '../fixtures/auth/vault.js';
import { ScopeMatcher } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import {
  challengeOf,
  listedFor,
  resultFor,
  tryTool,
} from '../support/auth-calls.js';
import { createIssuer, RESOURCE } from '../support/auth-issuer.js';
import { provide } from '../support/auth-provide.js';
import { listTools } from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';

type Booted = Awaited<ReturnType<typeof bootProtected>>;

describe.each(ADAPTERS)('the scopes of a server on %s', (adapter) => {
  let booted: Booted | undefined;
  afterEach(() => booted?.close());

  it('hideUnauthorized: false lists what the caller may not call, with a token or without', async () => {
    const issuer = await createIssuer();
    booted = await bootProtected(
      adapter,
      { verifier: issuer.verifier, hideUnauthorized: false },
      { imports: [VaultModule] },
    );
    const headers = await issuer.bearer();
    for (const era of ERAS) {
      for (const [caller, refused] of [
        [headers, 403],
        [{}, 401],
      ] as const) {
        expect(await listedFor(booted.endpoint, era, caller)).toEqual([
          'vault_address',
          'vault_audit',
          'vault_hours',
          'vault_open',
          'vault_rename',
          'vault_sealed',
          'vault_store',
        ]);
        const { status } = await tryTool(
          booted.endpoint,
          era,
          'vault_audit',
          {},
          { headers: caller },
        );
        expect(status).toBe(refused);
      }
    }
    expect(booted.app.get(Journal, { strict: false }).ran).toEqual([]);
  });

  it('a good token without the scopes of the server may do what an anonymous caller may, and no more', async () => {
    const issuer = await createIssuer();
    booted = await bootProtected(
      adapter,
      { verifier: issuer.verifier, requiredScopes: ['vault:enter'] },
      { imports: [VaultModule] },
    );
    const headers = await issuer.bearer({ scope: 'vault:use' });
    for (const era of ERAS) {
      expect(await listedFor(booted.endpoint, era, headers)).toEqual(
        await listedFor(booted.endpoint, era),
      );
      expect(
        await resultFor(booted.endpoint, era, 'vault_hours', headers),
      ).toEqual({ hours: '9 to 5' });
      expect(
        await resultFor(booted.endpoint, era, 'vault_address', headers),
      ).toEqual({ address: 'Main street' });
      const bad = await tryTool(
        booted.endpoint,
        era,
        'vault_hours',
        {},
        { headers: { authorization: 'Bearer bad' } },
      );
      expect(bad.status).toBe(401);
      for (const tool of ['vault_open', 'no_such_tool']) {
        const refused = await tryTool(
          booted.endpoint,
          era,
          tool,
          {},
          { headers },
        );
        expect([tool, refused.status]).toEqual([tool, 403]);
      }
    }
    const rest = (path: string) => fetch(`${booted?.url}${path}`, { headers });
    expect((await rest('/vault/hours')).status).toBe(200);
    expect((await rest('/vault')).status).toBe(403);
  });

  it('securitySchemes tells in `_meta` how each tool may be called', async () => {
    const issuer = await createIssuer();
    booted = await bootProtected(
      adapter,
      {
        verifier: issuer.verifier,
        requiredScopes: ['vault:enter'],
        securitySchemes: true,
      },
      { imports: [VaultModule] },
    );
    const headers = await issuer.bearer({
      scope: 'vault:enter vault:use vault:audit',
    });
    for (const era of ERAS) {
      const tools = await listTools(booted.endpoint, { era, headers });
      const schemes = Object.fromEntries(
        tools.map(({ name, _meta }) => [name, _meta?.['securitySchemes']]),
      );
      expect(schemes).toMatchObject({
        vault_audit: [
          {
            type: 'oauth2',
            scopes: ['vault:enter', 'vault:use', 'vault:audit'],
          },
        ],
        vault_hours: [{ type: 'noauth' }, { type: 'oauth2' }],
      });
    }
  });

  it('a ScopeMatcher of the application decides on lists, calls and REST (MCP Authorization, "Scope hierarchies")', async () => {
    class Hierarchy extends ScopeMatcher {
      matches(granted: readonly string[], required: string): boolean {
        const [family] = required.split(':');
        return (
          granted.includes(required) || granted.includes(`${family}:admin`)
        );
      }
    }
    const issuer = await createIssuer();
    booted = await bootProtected(
      adapter,
      {
        verifier: issuer.verifier,
        requiredScopes: ['vault:enter'],
      },
      {
        imports: [
          VaultModule,
          provide({ provide: ScopeMatcher, useClass: Hierarchy }),
        ],
      },
    );
    const admin = await issuer.bearer({ scope: 'vault:admin' });
    const other = await issuer.bearer({ scope: 'notes:admin vault:enter' });
    for (const era of ERAS) {
      expect(await listedFor(booted.endpoint, era, admin)).toContain(
        'vault_audit',
      );
      expect(
        await resultFor(booted.endpoint, era, 'vault_audit', admin),
      ).toEqual({ audited: true });
      expect(await listedFor(booted.endpoint, era, other)).not.toContain(
        'vault_audit',
      );
      const refused = await tryTool(
        booted.endpoint,
        era,
        'vault_audit',
        {},
        { headers: other },
      );
      expect(refused.status).toBe(403);
      expect(challengeOf(refused).parameters['scope']).toBe(
        'vault:enter vault:use vault:audit',
      );
    }
    const get = (headers: Record<string, string>) =>
      fetch(`${booted?.url}/vault`, { headers });
    expect((await get(admin)).status).toBe(200);
    expect((await get(other)).status).toBe(403);
  });

  it('assertScopes() refuses in the words of its documentation, as HTTP 403 with a challenge', async () => {
    const issuer = await createIssuer();
    booted = await bootProtected(adapter, {
      verifier: issuer.verifier,
      resource: RESOURCE,
    });
    const headers = await issuer.bearer({ scope: 'a' });
    const assert = (era: (typeof ERAS)[number], scopes: string) =>
      tryTool(
        booted?.endpoint ?? '',
        era,
        'notes_asserted',
        { scopes },
        { headers },
      );
    for (const era of ERAS) {
      const one = await assert(era, 'a,b');
      expect(one.status).toBe(403);
      expect(one.text).toContain('Missing required scope: b');
      expect(challengeOf(one).parameters).toMatchObject({
        error: 'insufficient_scope',
        scope: 'a b',
      });
      const several = await assert(era, 'b,a,c');
      expect(several.status).toBe(403);
      expect(several.text).toContain('Missing scopes: b, c');
      expect((await assert(era, 'a')).status).toBe(200);
    }
    expect(booted.app.get(Journal, { strict: false }).ran).toEqual([
      'asserted',
      'asserted',
    ]);
    const open = await fetch(`${booted.url}/notes/asserted?scopes=a`);
    expect(open.status).toBe(401);
    expect(await open.text()).toContain('Authentication required');
  });

  it.each([
    ['an undecided server', undefined, VaultModule],
    ['an open server', false, VaultModule],
    ['a server whose guards alone decide', { verifier: false }, VaultModule],
    ['an open server, by @McpAuthorize() alone', false, NotesModule],
  ] as const)(
    'a scoped tool on %s stops the application (fail closed)',
    async (_, auth, module) => {
      await expect(
        bootProtected(adapter, auth, { imports: [module] }),
      ).rejects.toThrow(
        /asks who calls it, by @McpScopes\(\) or @McpAuthorize\(\), but its server verifies no tokens\. Set auth/,
      );
    },
  );
});
