import { McpSecurityEvents, type McpSecurityEvent } from '../../lib/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import { bootIssuing, type Issuing } from '../support/authorization-server.js';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../support/frozen-time.js';

const SECRET = 'robot-secret-of-32-characters-xx';
const ROBOT = {
  clientSecret: SECRET,
  grantTypes: ['client_credentials'],
} as const;

describe.each(MAIN_TWO)('guessing the secret of a client on %s', (adapter) => {
  let server: Issuing;
  let events: McpSecurityEvent[];

  beforeEach(async () => {
    server = await bootIssuing(adapter, {
      clients: [
        { ...ROBOT, clientId: 'robot' },
        { ...ROBOT, clientId: 'poster', authMethod: 'client_secret_post' },
      ],
    });
    events = [];
    server.app
      .get(McpSecurityEvents, { strict: false })
      .stream.subscribe((event) => events.push(event));
  });
  afterEach(async () => {
    releaseTime();
    await server?.close();
  });

  const post = (
    endpoint: string,
    form: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    fetch(`${server.issuer}/oauth/${endpoint}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers,
    });
  const basic = (secret: string, id = 'robot') => ({
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
  });
  const ask = (secret: string): Promise<Response> =>
    post('token', { grant_type: 'client_credentials' }, basic(secret));
  const guess = async (attempts: number): Promise<number[]> => {
    const statuses = [];
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      statuses.push((await ask(`wrong-${attempt}`)).status);
    }
    return statuses;
  };

  it('is slowed down after ten failures, each of them an event', async () => {
    freezeTime(Date.now());
    expect(await guess(10)).toEqual(Array(10).fill(401));
    // One in each wait.
    expect(await guess(2)).toEqual([401, 429]);
    const slowed = await ask('wrong');
    expect(slowed.status).toBe(429);
    expect(slowed.headers.get('retry-after')).toBe('2');
    expect(slowed.headers.get('cache-control')).toBe('no-store');
    expect(await slowed.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description:
        'There were too many wrong secrets of this client. Try again later.',
    });
    const failed = events.filter(({ type }) => type === 'client_failed');
    expect(failed.map((event) => 'reason' in event && event.reason)).toEqual([
      ...Array<string>(11).fill('credentials'),
      'slowed',
      'slowed',
    ]);
    expect(failed[0]).toEqual({
      type: 'client_failed',
      reason: 'credentials',
      clientId: 'robot',
      issuer: server.issuer,
      address: expect.stringContaining('127.0.0.1'),
    });
    expect(JSON.stringify(events)).not.toContain('wrong');
  });

  it('costs 30 seconds each at most, and an hour without is a new beginning', async () => {
    freezeTime(Date.now());
    await guess(10);
    for (let failure = 0; failure < 8; failure += 1) {
      expect((await ask('wrong')).status).toBe(401);
      passSeconds(31);
    }
    await ask('wrong');
    expect((await ask('wrong')).headers.get('retry-after')).toBe('30');
    passSeconds(3600);
    expect((await ask(SECRET)).status).toBe(200);
  });

  it('does not come through by guessing right while it is slowed, but after the wait', async () => {
    freezeTime(Date.now());
    await guess(11);
    expect((await ask(SECRET)).status).toBe(429);
    passSeconds(3);
    expect((await ask(SECRET)).status).toBe(200);
    expect((await ask(SECRET)).status).toBe(200);
  });

  it('does not keep the client out where it comes from an address that it came from before', async () => {
    expect((await ask(SECRET)).status).toBe(200);
    await guess(12);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => ask(SECRET)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
    expect((await ask('wrong')).status).toBe(429);
  });

  it('counts at all endpoints and in all forms, and leaves other clients alone', async () => {
    const token = { token: 'x' };
    const { statusOf } = await many([
      () => post('introspect', token, basic('wrong')),
      () => post('revoke', token, basic('wrong')),
      () => post('token', token, basic('wrong')),
    ]);
    expect(statusOf(13)).toBe(429);
    const form = { client_id: 'poster', ...token };
    const posted = await many([
      () => post('introspect', { ...form, client_secret: 'wrong' }),
      () =>
        post(
          'revoke',
          { ...form, client_secret: 'wrong' },
          { authorization: '' },
        ),
    ]);
    expect(posted.statusOf(9)).toBe(401);
    expect(posted.statusOf(13)).toBe(429);
    expect(
      (await post('introspect', token, basic('wrong', 'nobody'))).status,
    ).toBe(401);
  });

  it('is told of the first ten of a hundred at once, and not of the right one among them', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        ask(index === 60 ? SECRET : `wrong-${index}`),
      ),
    );
    const judged = answers.filter(({ status }) => status !== 429);
    // One more may be let through when the first wait is over.
    expect(judged.length).toBeLessThanOrEqual(13);
    expect(judged.filter(({ status }) => status === 200)).toEqual([]);
  });

  async function many(requests: readonly (() => Promise<Response>)[]) {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 14; attempt += 1) {
      const answer = await requests[attempt % requests.length]?.();
      statuses.push(answer?.status ?? 0);
    }
    return { statusOf: (attempt: number) => statuses[attempt] };
  }
});
