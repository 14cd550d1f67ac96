import { connect } from 'node:net';
import { getAccessToken, getHttpHeaders } from '../../lib/index.js';
import { IdentityModule } from '../fixtures/auth/identity.controller.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { createIssuer, type TestIssuer } from '../support/auth-issuer.js';
import { CountingVerifier } from '../support/auth-verifiers.js';
import { callTool } from '../support/call-tool.js';
import { ERAS, rpcBody, rpcHeaders } from '../support/json-rpc.js';

type Booted = Awaited<ReturnType<typeof bootProtected>>;

const CALLERS = 200;

describe.each(ADAPTERS)('the identity of the caller on %s', (adapter) => {
  let issuer: TestIssuer;
  let verifier: CountingVerifier;
  let booted: Booted;

  beforeAll(async () => {
    issuer = await createIssuer();
    verifier = new CountingVerifier(issuer.verifier);
    booted = await bootProtected(
      adapter,
      {
        verifier,
        resolveUser: ({ subject }) => ({ name: `user ${subject}` }),
      },
      { imports: [IdentityModule] },
    );
  });
  afterAll(() => booted?.close());

  describe.each(ERAS)('in the %s era', (era) => {
    it(`never leaks between ${CALLERS} concurrent requests (MCP Authorization, "Token Handling")`, async () => {
      const subjects = Array.from(
        { length: CALLERS },
        (_, index) => `caller-${index}`,
      );
      const headers = await Promise.all(
        subjects.map(async (sub) => ({
          ...(await issuer.bearer({ sub })),
          'x-caller': sub,
        })),
      );
      const results = await Promise.all(
        subjects.map((subject, index) =>
          callTool(
            booted.endpoint,
            'identity',
            { caller: subject },
            { era, headers: headers[index] },
          ),
        ),
      );
      expect(results.map(({ structuredContent }) => structuredContent)).toEqual(
        subjects.map((subject) => ({
          caller: subject,
          seen: Array(9).fill(subject),
        })),
      );
    });

    it('is the same in a provider, its guard and what it calls', async () => {
      const subjects = Array.from(
        { length: 40 },
        (_, index) => `caller-${index}`,
      );
      const results = await Promise.all(
        subjects.map(async (sub) =>
          callTool(
            booted.endpoint,
            'identity_of_provider',
            {},
            { era, headers: await issuer.bearer({ sub }) },
          ),
        ),
      );
      expect(results.map(({ structuredContent }) => structuredContent)).toEqual(
        subjects.map((subject) => ({ seen: Array(4).fill(subject) })),
      );
    });

    it('is that of a refreshed token from the next request on', async () => {
      for (const sub of ['ada', 'grace']) {
        const result = await callTool(
          booted.endpoint,
          'guarded',
          {},
          { era, headers: await issuer.bearer({ sub }) },
        );
        expect(result.structuredContent).toMatchObject({ subject: sub });
      }
    });

    it('is trusted by McpAuthGuard on the route of a tool, and verified once', async () => {
      const asked = verifier.asked;
      const result = await callTool(
        booted.endpoint,
        'guarded',
        {},
        { era, headers: await issuer.bearer() },
      );
      expect(result.structuredContent).toEqual({
        subject: 'ada',
        user: { name: 'user ada' },
        name: 'user ada',
      });
      expect(verifier.asked).toBe(asked + 1);
    });

    it('without sensitive headers, unless they are asked for', async () => {
      const { authorization } = await issuer.bearer();
      const result = await callTool(
        booted.endpoint,
        'headers',
        {},
        {
          era,
          headers: {
            authorization,
            cookie: 'session=1',
            'proxy-authorization': 'Basic x',
            ...(era === 'modern' && { 'mcp-session-id': 'session' }),
            'X-Tenant': 'acme',
          },
        },
      );
      const { plain, withToken, called, cookie } =
        result.structuredContent as Record<string, Record<string, string>>;
      expect(plain).toMatchObject({
        'x-tenant': 'acme',
        accept: 'application/json, text/event-stream',
      });
      expect(
        Object.keys(plain ?? {}).filter((name) =>
          /^(authorization|cookie|host|connection|proxy-|content-|mcp-)/.test(
            name,
          ),
        ),
      ).toEqual([]);
      expect(withToken).toEqual({ ...plain, authorization });
      expect(called).toEqual(plain);
      expect(cookie).toEqual({ ...plain, cookie: 'session=1' });
    });
  });

  it('is verified over REST, where nothing carries it', async () => {
    const asked = verifier.asked;
    const { authorization } = await issuer.bearer();
    expect((await fetch(`${booted.url}/guarded`)).status).toBe(401);
    expect(
      (
        await fetch(`${booted.url}/guarded`, {
          headers: { authorization: 'Bearer no' },
        })
      ).status,
    ).toBe(401);
    const response = await fetch(`${booted.url}/guarded`, {
      headers: { authorization },
    });
    expect(await response.json()).toMatchObject({ subject: 'ada' });
    expect(verifier.asked).toBe(asked + 2);
  });

  it.each<Record<string, string>>([
    { auth: 'ada' },
    { 'x-auth': '{"subject":"root"}' },
    { 'x-user': 'root' },
    { 'x-mcp-auth': 'root' },
    { 'x-forwarded-user': 'root' },
    { user: 'root' },
  ])('is never taken from another header: %j', async (headers) => {
    const response = await fetch(`${booted.url}/guarded`, {
      headers,
    });
    expect(response.status).toBe(401);
  });

  it('is nobody outside a request', () => {
    expect(getAccessToken()).toBeNull();
    expect(getHttpHeaders()).toEqual({});
  });

  it('does not pass to the next request of a connection', async () => {
    const subjects = ['ada', null, 'grace', null];
    const requests = await Promise.all(
      subjects.map(async (sub) => {
        const body = JSON.stringify(
          rpcBody('modern', 'tools/call', { name: 'guarded', arguments: {} }),
        );
        const headers = {
          ...rpcHeaders('modern', 'tools/call', { name: 'guarded' }),
          ...(sub ? await issuer.bearer({ sub }) : {}),
          host: '127.0.0.1',
          'content-length': String(body.length),
        };
        const head = Object.entries(headers).map(
          ([name, value]) => `${name}: ${value}\r\n`,
        );
        return `POST /mcp HTTP/1.1\r\n${head.join('')}\r\n${body}`;
      }),
    );
    const answer = await new Promise<string>((resolve, reject) => {
      const { port } = new URL(booted.url);
      const socket = connect(Number(port), '127.0.0.1');
      let text = '';
      socket.setEncoding('utf8');
      socket.on('error', reject);
      socket.on('data', (chunk: string) => {
        text += chunk;
        if (
          text.split('HTTP/1.1 ').length > subjects.length &&
          /\}\s*(0\r\n\r\n)?$/.test(text)
        ) {
          socket.end();
          resolve(text);
        }
      });
      // All at once: the second is parsed while the first is being served.
      socket.write(requests.join(''));
    });
    const answers = answer.split('HTTP/1.1 ').slice(1);
    expect(answers.map((part) => part.slice(0, 3))).toEqual([
      '200',
      '401',
      '200',
      '401',
    ]);
    expect(answers[0]).toContain('user ada');
    expect(answers[2]).toContain('user grace');
  });
});
