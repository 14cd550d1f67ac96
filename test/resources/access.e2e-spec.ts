import { ArchiveModule, Visits } from '../fixtures/content/archive.js';
import { ask, listed } from '../fixtures/content/requests.js';
import { MAIN_TWO } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { challengeOf } from '../support/auth-calls.js';
import { createIssuer, type TestIssuer } from '../support/auth-issuer.js';
import { ERAS } from '../support/json-rpc.js';

type Booted = Awaited<ReturnType<typeof bootProtected>>;

const INVALID_PARAMS = -32602;

describe.each(MAIN_TWO)('who may read and take what, on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: Booted;
  let visits: Visits;

  beforeAll(async () => {
    issuer = await createIssuer();
    booted = await bootProtected(
      adapter,
      {
        verifier: issuer.verifier,
        authorizationServers: [issuer.issuer],
      },
      { imports: [ArchiveModule] },
    );
    visits = booted.app.get(Visits, { strict: false });
  });
  beforeEach(() => void visits.ran.splice(0));
  afterAll(() => booted?.close());

  describe.each(ERAS)('in the %s era', (era) => {
    const call = (
      method: string,
      params: Record<string, unknown>,
      headers: Record<string, string> = {},
    ) => ask(booted.endpoint, method, params, { era, headers });
    const read = (uri: string, headers?: Record<string, string>) =>
      call('resources/read', { uri }, headers);
    const get = (name: string, headers?: Record<string, string>) =>
      call('prompts/get', { name }, headers);
    const complete = (name: string, headers?: Record<string, string>) =>
      call(
        'completion/complete',
        {
          ref: { type: 'ref/prompt', name },
          argument: { name: 'word', value: '' },
        },
        headers,
      );
    const names = async (headers: Record<string, string> = {}) => {
      const lists = await Promise.all(
        (['resources', 'resources/templates', 'prompts'] as const).map((kind) =>
          listed(booted.endpoint, kind, {}, { era, headers }),
        ),
      );
      return lists.flatMap(({ entries }) =>
        entries.map(({ uri, uriTemplate, name }) => uri ?? uriTemplate ?? name),
      );
    };

    it('is told by the lists: what is public, permitted and visible', async () => {
      expect(await names()).toEqual(['archive://open', 'open']);
      const plain = await names(await issuer.bearer());
      expect(plain).toContain('archive://letters');
      expect(plain).toContain('letter');
      expect(plain.join()).not.toMatch(/sealed|hidden/);
      const all = await names(
        await issuer.bearer({ scope: 'archive:read', tenant: 'acme' }),
      );
      expect(all).toContain('archive://sealed/{id}');
      expect(all).toContain('archive://hidden/{id}');
      expect(all).toContain('hidden');
    });

    it('lets anybody have what is public', async () => {
      expect((await read('archive://open')).result).toBeDefined();
      expect((await get('open')).result).toBeDefined();
    });

    it('challenges who has no token', async () => {
      for (const answer of [
        await read('archive://letters'),
        await get('letter'),
        await read('archive://unknown'),
        await get('nobody'),
      ]) {
        expect(answer.status).toBe(401);
        expect(
          challengeOf(answer).parameters['resource_metadata'],
        ).toBeDefined();
      }
      expect(visits.ran).toEqual([]);
    });

    it('challenges who lacks a scope, in HTTP (MCP Authorization, "Scope Challenge Handling")', async () => {
      const headers = await issuer.bearer();
      for (const answer of [
        await read('archive://sealed/1', headers),
        await get('sealed', headers),
      ]) {
        expect(answer.status).toBe(403);
        expect(challengeOf(answer).parameters).toMatchObject({
          error: 'insufficient_scope',
          scope: 'archive:read',
        });
      }
      expect(visits.ran).toEqual([]);
      const scoped = await issuer.bearer({ scope: 'archive:read' });
      expect((await read('archive://sealed/1', scoped)).status).toBe(200);
      expect((await get('sealed', scoped)).status).toBe(200);
    });

    it('hides what is not visible exactly as what does not exist', async () => {
      const headers = await issuer.bearer();
      const hidden = await read('archive://hidden/1', headers);
      const unknown = await read('archive://unknown/1', headers);
      expect(JSON.stringify(hidden.error).replaceAll('hidden', 'unknown')).toBe(
        JSON.stringify(unknown.error),
      );
      expect(hidden.status).toBe(unknown.status);
      const prompt = await get('hidden', headers);
      const nobody = await get('nobody', headers);
      expect(prompt.error?.message).toBe('Unknown prompt: hidden');
      expect(prompt.error?.code).toBe(nobody.error?.code);
      expect(visits.ran).toEqual([]);
      const acme = await issuer.bearer({ tenant: 'acme' });
      expect((await read('archive://hidden/1', acme)).result).toBeDefined();
      expect((await get('hidden', acme)).result).toBeDefined();
    });

    it('lets a predicate look at the variables of the URI', async () => {
      const headers = await issuer.bearer({ sub: 'ada' });
      expect((await read('archive://own/ada', headers)).result).toBeDefined();
      const other = await read('archive://own/bob', headers);
      expect(other.status).toBe(403);
      expect(visits.ran).toEqual(['own']);
    });

    it.each([
      ['a method', 'archive://refused/403', 403],
      ['a route', 'boxes://1', 403],
    ])('lifts the refusal of %s to HTTP', async (_, uri, status) => {
      const answer = await read(uri, await issuer.bearer());
      expect(answer.status).toBe(status);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    });

    it('does not send a caller whose token is good to another login', async () => {
      const bearer = await issuer.bearer();
      const answer = await read('archive://refused/401', bearer);
      expect(answer.status).toBe(200);
      expect(answer.error).toBeDefined();
    });

    it('names the scopes that a method asserts', async () => {
      const answer = await read(
        'archive://refused/asserted',
        await issuer.bearer(),
      );
      expect(answer.status).toBe(403);
      expect(challengeOf(answer).parameters).toMatchObject({
        error: 'insufficient_scope',
        scope: 'archive:late',
      });
    });

    it('lifts the refusal of a prompt to HTTP', async () => {
      const answer = await get('refused', await issuer.bearer());
      expect(answer.status).toBe(403);
    });

    it('completes nothing of what the caller may not see, as of what does not exist (MCP, Completion, "Security")', async () => {
      const headers = await issuer.bearer();
      for (const name of ['hidden', 'sealed', 'nobody']) {
        const { status, error } = await complete(name, headers);
        expect([status, error]).toEqual([
          (await complete('nobody', headers)).status,
          { code: INVALID_PARAMS, message: `Unknown prompt: ${name}` },
        ]);
      }
      const sealed = await call(
        'completion/complete',
        {
          ref: { type: 'ref/resource', uri: 'archive://sealed/{id}' },
          argument: { name: 'id', value: '' },
        },
        headers,
      );
      expect(sealed.error).toMatchObject({
        code: INVALID_PARAMS,
        message: 'Resource not found: archive://sealed/{id}',
      });
      expect(visits.ran).toEqual([]);
      const scoped = await issuer.bearer({ scope: 'archive:read' });
      expect((await complete('sealed', scoped)).result).toMatchObject({
        completion: { values: ['completion of sealed'] },
      });
    });

    it('holds a completion to its own scopes (MCP, Completion, "Security")', async () => {
      const refused = await complete('letter', await issuer.bearer());
      expect(refused.status).toBe(403);
      expect(challengeOf(refused).parameters).toMatchObject({
        error: 'insufficient_scope',
        scope: 'archive:complete',
      });
      expect(visits.ran).toEqual([]);
      const { result } = await complete(
        'letter',
        await issuer.bearer({ scope: 'archive:complete' }),
      );
      expect(result).toMatchObject({
        completion: { values: ['completion of letter'] },
      });
    });

    it('completes nothing for who has no token, unless the completion is public (MCP, Completion, "Security")', async () => {
      const { result } = await complete('open');
      expect(result?.['completion']).toEqual({ values: [] });
      expect(visits.ran).toEqual([]);
      expect((await complete('letter')).error?.message).toBe(
        'Unknown prompt: letter',
      );
    });
  });
});
