import { ForbiddenException, Injectable, Module } from '@nestjs/common';
import { Journal, NotesController } from '../fixtures/auth/notes.controller.js';
import { VaultAndNotesModule } from '../fixtures/auth/vault.js';
import {
  McpTool,
  ToolVisibility,
  type VisibilityQuestion,
} from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { challengeOf, listedFor, tryTool } from '../support/auth-calls.js';
import { createIssuer, now, type TestIssuer } from '../support/auth-issuer.js';
import { provide } from '../support/auth-provide.js';
import { ERAS, post, rpcBody, rpcHeaders } from '../support/json-rpc.js';

type Booted = Awaited<ReturnType<typeof bootProtected>>;

const METADATA =
  'https://api.example.com/.well-known/oauth-protected-resource/mcp';
const SECRET = 'the directory of tenants is down';

/** Tools by tenant; an asynchronous decision that fails for some. */
@Injectable()
class ByTenant extends ToolVisibility {
  readonly asked: VisibilityQuestion[] = [];

  async isVisible(question: VisibilityQuestion): Promise<boolean> {
    this.asked.push(question);
    await new Promise((resolve) => setTimeout(resolve, 1));
    const { name: tool, token } = question;
    if (tool === 'notes_refused' || tool === 'refused_early') {
      throw new Error(SECRET);
    }
    return (
      tool === 'vault_hours' ||
      tool === 'vault_address' ||
      (token?.claims['tenant'] === 'acme' && tool !== 'notes_broken')
    );
  }
}

@Injectable()
class RefusingProvider {
  @McpTool({ name: 'refused_here' })
  refuse(): never {
    throw new ForbiddenException('Not for you');
  }
}

@Module({ providers: [RefusingProvider] })
class OpenNotes {}

describe.each(ADAPTERS)('tools that not everybody has on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: Booted;
  let journal: Journal;

  beforeAll(async () => {
    issuer = await createIssuer();
    booted = await bootProtected(
      adapter,
      { verifier: issuer.verifier },
      {
        imports: [
          VaultAndNotesModule,
          provide({ provide: ToolVisibility, useClass: ByTenant }),
        ],
      },
    );
    journal = booted.app.get(Journal, { strict: false });
  });
  beforeEach(() => void journal.ran.splice(0));
  afterAll(() => booted?.close());

  describe.each(ERAS)('in the %s era', (era) => {
    const unknown = async (name: string, headers: Record<string, string>) => {
      const answer = await tryTool(booted.endpoint, era, name, {}, { headers });
      return [
        answer.status,
        answer.response?.error?.code,
        answer.text.replaceAll(name, '<name>'),
      ];
    };

    it('ToolVisibility decides what is listed', async () => {
      expect(
        await listedFor(
          booted.endpoint,
          era,
          await issuer.bearer({ tenant: 'acme', scope: 'vault:use' }),
        ),
      ).toEqual([
        'notes_asserted',
        'notes_own',
        'notes_read',
        'refused_late',
        'vault_address',
        'vault_hours',
        'vault_open',
        'vault_rename',
      ]);
      expect(
        await listedFor(
          booted.endpoint,
          era,
          await issuer.bearer({ tenant: 'other', scope: 'vault:use' }),
        ),
      ).toEqual(['vault_address', 'vault_hours']);
      expect(await listedFor(booted.endpoint, era)).toEqual([
        'vault_address',
        'vault_hours',
      ]);
    });

    it.each([
      ['a route of another tenant', 'notes_read'],
      ['a tool of a provider', 'refused_late'],
      ['a scoped tool', 'vault_open'],
    ])(
      '%s is called in vain, exactly as one that does not exist (MCP Tools, "Error Handling")',
      async (_, tool) => {
        const headers = await issuer.bearer({
          tenant: 'other',
          scope: 'vault:use',
        });
        expect(await unknown(tool, headers)).toEqual(
          await unknown('no_such_tool', headers),
        );
        expect(journal.ran).toEqual([]);
      },
    );

    it('a hidden tool is unknown to a token that lacks its scopes, too, and names none of them', async () => {
      const headers = await issuer.bearer({ tenant: 'other' });
      expect(await unknown('vault_open', headers)).toEqual(
        await unknown('no_such_tool', headers),
      );
    });

    it.each<[string, Record<string, string>]>([
      ['without a token', {}],
      ['with a bad one', { authorization: 'Bearer bad' }],
      ['with an expired one', { authorization: 'expired' }],
    ])(
      'a hidden tool is challenged as an unknown one %s, its scopes unnamed',
      async (_, { authorization }) => {
        const headers =
          authorization === 'expired'
            ? await issuer.bearer({ tenant: 'acme', exp: now() - 3600 })
            : { ...(authorization && { authorization }) };
        const challenge = async (name: string) => {
          const { status, headers: answered } = await tryTool(
            booted.endpoint,
            era,
            name,
            {},
            { headers },
          );
          return [status, answered.get('www-authenticate')];
        };
        expect(await challenge('vault_open')).toEqual(
          await challenge('no_such_tool'),
        );
        expect((await challenge('vault_open'))[0]).toBe(401);
      },
    );

    it('a tool that a token may see is still refused with its scopes', async () => {
      const answer = await tryTool(
        booted.endpoint,
        era,
        'vault_open',
        {},
        { headers: await issuer.bearer({ tenant: 'acme' }) },
      );
      expect(answer.status).toBe(403);
      expect(challengeOf(answer).parameters['scope']).toBe('vault:use');
      expect(journal.ran).toEqual([]);
    });

    it.each(['notes_refused', 'refused_early'])(
      'a decision that fails hides %s, and tells nothing',
      async (tool) => {
        const headers = await issuer.bearer({ tenant: 'acme' });
        const answer = await unknown(tool, headers);
        expect(answer).toEqual(await unknown('no_such_tool', headers));
        expect(answer.join()).not.toContain(SECRET);
      },
    );

    it('ToolVisibility is asked with kind, name, carriers of decorators and token', async () => {
      const visibility = booted.app.get(ToolVisibility, {
        strict: false,
      }) as ByTenant;
      visibility.asked.splice(0);
      await tryTool(
        booted.endpoint,
        era,
        'notes_read',
        {},
        { headers: await issuer.bearer({ tenant: 'acme', sub: 'grace' }) },
      );
      expect(visibility.asked).toMatchObject([
        {
          kind: 'tool',
          name: 'notes_read',
          owner: NotesController,
          handler: Reflect.get(NotesController.prototype, 'read') as object,
          token: { subject: 'grace' },
        },
      ]);
      expect(journal.ran).toEqual(['read']);
    });

    it.each([
      ['notes_own', 'own'],
      ['vault_rename', 'vault_rename'],
    ])(
      '@McpAuthorize() decides on a call of %s by token and arguments',
      async (tool, entry) => {
        const headers = await issuer.bearer({
          tenant: 'acme',
          sub: 'grace',
          scope: 'vault:use',
        });
        const call = (owner: string) =>
          tryTool(booted.endpoint, era, tool, { owner }, { headers });
        const refused = await call('ada');
        expect(refused.status).toBe(403);
        // No scope would help.
        expect(challengeOf(refused).parameters).not.toHaveProperty('error');
        expect(journal.ran).toEqual([]);
        expect((await call('grace')).status).toBe(200);
        expect(journal.ran).toEqual([entry]);
      },
    );
  });
});

describe.each(ADAPTERS)('a server with scopes of its own on %s', (adapter) => {
  it('holds who calls a hidden tool to them, and names no others, in a batch either', async () => {
    const issuer = await createIssuer();
    const booted = await bootProtected(
      adapter,
      { verifier: issuer.verifier, requiredScopes: ['notes:use'] },
      {
        imports: [
          VaultAndNotesModule,
          provide({ provide: ToolVisibility, useClass: ByTenant }),
        ],
      },
    );
    const scopeOf = (answer: { readonly headers: Headers }) =>
      challengeOf(answer).parameters['scope'];
    try {
      for (const era of ERAS) {
        const answer = await tryTool(
          booted.endpoint,
          era,
          'vault_open',
          {},
          { headers: await issuer.bearer({ tenant: 'other' }) },
        );
        expect([answer.status, scopeOf(answer)]).toEqual([403, 'notes:use']);
        expect(answer.text).not.toContain('vault');
      }
      const call = (name: string) =>
        rpcBody('legacy', 'tools/call', { name, arguments: {} });
      const batch = await post(
        booted.endpoint,
        JSON.stringify([call('vault_open'), call('no_such_tool')]),
        {
          ...rpcHeaders('legacy', 'tools/call', {}),
          ...(await issuer.bearer({ tenant: 'other' })),
        },
      );
      expect([batch.status, scopeOf(batch)]).toEqual([403, 'notes:use']);
      expect(batch.text).not.toContain('vault');
    } finally {
      await booted.close();
    }
  });
});

describe.each(ADAPTERS)('refusals behind the door on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: Booted;

  beforeAll(async () => {
    issuer = await createIssuer();
    booted = await bootProtected(adapter, {
      verifier: issuer.verifier,
      authorizationServers: [issuer.issuer],
      requiredScopes: ['notes:use'],
    });
  });
  afterAll(() => booted?.close());

  const bearer = () => issuer.bearer({ scope: 'notes:use' });

  describe.each(ERAS)('in the %s era', (era) => {
    it('a predicate that throws denies, and tells nothing (fail closed)', async () => {
      const answer = await tryTool(
        booted.endpoint,
        era,
        'notes_broken',
        {},
        { headers: await bearer() },
      );
      expect(answer.status).toBe(403);
      expect(answer.text).not.toContain('directory');
      expect(booted.app.get(Journal, { strict: false }).ran).toEqual([]);
    });

    it('a 403 of the route becomes that of the answer, with a challenge (MCP Authorization, "Error Handling")', async () => {
      const answer = await tryTool(
        booted.endpoint,
        era,
        'notes_refused',
        { status: '403' },
        { headers: await bearer() },
      );
      expect(answer.status).toBe(403);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      // No other token would do: none is asked for, and no scope is named.
      expect(challengeOf(answer).parameters).toEqual({
        resource_metadata: METADATA,
      });
      expect(JSON.parse(answer.text)).toMatchObject({ error: 'access_denied' });
    });

    it.each(['401', '402', '404', '409', '500', '503'])(
      'a %s of the route stays a result, without a challenge',
      async (status) => {
        const answer = await tryTool(
          booted.endpoint,
          era,
          'notes_refused',
          { status },
          { headers: await bearer() },
        );
        expect(answer.status).toBe(200);
        expect(answer.response?.result?.['isError']).toBe(true);
        expect(answer.headers.get('www-authenticate')).toBeNull();
      },
    );

    it('a 403 of a provider is one in HTTP too', async () => {
      const answer = await tryTool(
        booted.endpoint,
        era,
        'refused_early',
        {},
        { headers: await bearer() },
      );
      expect(answer.status).toBe(403);
    });

    it('a refusal after the answer has begun stays in its result', async () => {
      const answer = await tryTool(
        booted.endpoint,
        era,
        'refused_late',
        {},
        { headers: await bearer(), meta: { progressToken: 'p' } },
      );
      expect(answer.status).toBe(200);
      expect(answer.messages[0]?.method).toBe('notifications/progress');
      expect(answer.response?.result?.['isError']).toBe(true);
    });
  });

  it('on an open server a refusal of the route stays a result: there is no other token to get', async () => {
    const open = await bootProtected(adapter, false, {
      imports: [OpenNotes],
    });
    try {
      for (const era of ERAS) {
        const answer = await tryTool(open.endpoint, era, 'refused_here');
        expect(answer.status).toBe(200);
        expect(answer.response?.result?.['isError']).toBe(true);
      }
    } finally {
      await open.close();
    }
  });
});
