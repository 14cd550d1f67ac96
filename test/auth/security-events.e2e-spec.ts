import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import type { Subscription } from 'rxjs';
import { McpSecurityEvents, type McpSecurityEvent } from '../../lib/index.js';
import { VerifierUnavailableError } from '../../lib/index.js';
import { VaultAndNotesModule } from '../fixtures/auth/vault.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { tryTool } from '../support/auth-calls.js';
import { createIssuer, type TestIssuer } from '../support/auth-issuer.js';
import { ScriptedVerifier } from '../support/auth-verifiers.js';
import { ERAS, rpc } from '../support/json-rpc.js';

type Booted = Awaited<ReturnType<typeof bootProtected>>;

const SECRET_TEXT = 'the launch code is 0000';

describe.each(ADAPTERS)('McpSecurityEvents on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: Booted;
  let events: McpSecurityEvent[];
  let subscription: Subscription;

  beforeAll(async () => {
    issuer = await createIssuer();
    booted = await bootProtected(
      adapter,
      { verifier: issuer.verifier },
      { imports: [VaultAndNotesModule] },
    );
    subscription = booted.app
      .get(McpSecurityEvents)
      .stream.subscribe((event) => events.push(event));
  });
  beforeEach(() => void (events = []));
  afterAll(async () => {
    subscription?.unsubscribe();
    await booted?.close();
  });

  const ADA = {
    subject: 'ada',
    clientId: 'editor',
    issuer: 'https://login.example.com',
  };
  const AUTHENTICATED = { type: 'authenticated', ...ADA };

  describe.each(ERAS)('in the %s era', (era) => {
    const call = async (
      tool: string,
      args: Record<string, unknown> = {},
      claims?: Record<string, unknown>,
    ) =>
      tryTool(booted.endpoint, era, tool, args, {
        headers: await issuer.bearer(claims),
      });

    it('tell of a refusal, by its status and error', async () => {
      await rpc(booted.endpoint, era, 'tools/call', { name: 'vault_open' });
      await rpc(
        booted.endpoint,
        era,
        'tools/list',
        {},
        { headers: { authorization: 'Bearer bad' } },
      );
      expect(events).toEqual([
        { type: 'refused', status: 401, error: 'unauthorized' },
        { type: 'refused', status: 401, error: 'invalid_token' },
      ]);
    });

    it('tell of a token that was accepted, and of whom', async () => {
      await rpc(
        booted.endpoint,
        era,
        'tools/list',
        {},
        { headers: await issuer.bearer() },
      );
      expect(events).toEqual([AUTHENTICATED]);
    });

    it('tell of missing scopes', async () => {
      await call('vault_store', {}, { scope: 'vault:use' });
      expect(events).toEqual([
        AUTHENTICATED,
        {
          type: 'scope_missing',
          scopes: ['vault:use', 'vault:read', 'vault:write'],
          ...ADA,
        },
        { type: 'refused', status: 403, error: 'insufficient_scope' },
      ]);
    });

    it('tell of each call: tool, caller, duration, outcome and digest', async () => {
      const text = { text: SECRET_TEXT };
      const scope = 'vault:use vault:read vault:write';
      await call('vault_store', text, { scope });
      await call('vault_store', text, { scope });
      await call('vault_store', { text: 'other' }, { scope });
      const calls = events.filter((event) => event.type === 'call');
      expect(events).toHaveLength(6);
      expect(calls[0]).toEqual({
        type: 'call',
        kind: 'tool',
        name: 'vault_store',
        ...ADA,
        duration: expect.any(Number) as number,
        outcome: 'success',
        argumentsDigest: createHash('sha256')
          .update(JSON.stringify(text))
          .digest('hex'),
      });
      for (const { duration } of calls) {
        expect(duration).toBeGreaterThan(0);
        expect(duration).toBeLessThan(10_000);
      }
      const [first, second, third] = calls.map(
        (event) => event.argumentsDigest,
      );
      expect(second).toBe(first);
      expect(third).not.toBe(first);
    });

    it.each([
      ['notes_read', {}, 'success'],
      ['notes_refused', { status: '404' }, 'error'],
      ['notes_refused', { status: '403' }, 'refused'],
      ['notes_refused', { status: '401' }, 'refused'],
      ['notes_own', { owner: 'grace' }, 'refused'],
      ['notes_broken', {}, 'refused'],
      ['refused_early', {}, 'refused'],
    ])('tell the outcome of %s %j: %s', async (tool, args, outcome) => {
      await call(tool, args);
      expect(events).toMatchObject([
        AUTHENTICATED,
        { type: 'call', name: tool, outcome, ...ADA },
      ]);
    });

    it('tell of anonymous calls', async () => {
      await tryTool(booted.endpoint, era, 'vault_hours');
      expect(events).toMatchObject([
        {
          type: 'call',
          name: 'vault_hours',
          outcome: 'success',
          subject: undefined,
          clientId: undefined,
          issuer: undefined,
        },
      ]);
    });

    it('never hold a token, nor what a tool was called with', async () => {
      const token = await issuer.token({
        scope: 'vault:use vault:read vault:write',
      });
      const headers = { authorization: `Bearer ${token}` };
      await tryTool(
        booted.endpoint,
        era,
        'vault_store',
        { text: SECRET_TEXT },
        { headers },
      );
      await tryTool(booted.endpoint, era, 'vault_audit', {}, { headers });
      const bad = `${token.slice(0, -4)}AAAA`;
      await tryTool(
        booted.endpoint,
        era,
        'vault_store',
        { text: SECRET_TEXT },
        { headers: { authorization: `Bearer ${bad}` } },
      );
      expect(events.map(({ type }) => type)).toEqual([
        'authenticated',
        'call',
        'authenticated',
        'scope_missing',
        'refused',
        'refused',
      ]);
      const written =
        JSON.stringify(events) +
        inspect(events, { depth: null, showHidden: true });
      const [, , signature = ''] = token.split('.');
      for (const secret of [token, signature, bad, SECRET_TEXT]) {
        expect(written).not.toContain(secret);
      }
    });
  });

  it('tell of routes that the guard stands on', async () => {
    await fetch(`${booted.url}/vault`);
    await fetch(`${booted.url}/vault`, { headers: await issuer.bearer() });
    expect(events).toEqual([
      { type: 'refused', status: 401, error: 'unauthorized' },
      AUTHENTICATED,
      { type: 'scope_missing', scopes: ['vault:use'], ...ADA },
      { type: 'refused', status: 403, error: 'insufficient_scope' },
    ]);
  });

  it('tell of tokens that could not be judged', async () => {
    const server = await bootProtected(adapter, {
      verifier: new ScriptedVerifier(() => {
        throw new VerifierUnavailableError('down');
      }),
    });
    const seen: McpSecurityEvent[] = [];
    server.app
      .get(McpSecurityEvents)
      .stream.subscribe((event) => seen.push(event));
    try {
      await tryTool(
        server.endpoint,
        'modern',
        'notes_read',
        {},
        { headers: { authorization: 'Bearer x' } },
      );
      expect(seen).toEqual([
        { type: 'refused', status: 503, error: 'temporarily_unavailable' },
      ]);
    } finally {
      await server.close();
    }
  });
});
