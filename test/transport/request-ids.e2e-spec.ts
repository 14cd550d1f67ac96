import { ADAPTERS } from '../support/adapters.js';
import { callTool } from '../support/call-tool.js';
import { openStream } from '../support/open-stream.js';
import { ERAS, post, rpcBody, rpcHeaders } from '../support/json-rpc.js';
import { bootSessions, type SessionApp } from '../support/sessions-app.js';
import {
  beginSession,
  callStream,
  listenTo,
  type RawSession,
} from '../support/sessions.js';
import { until } from '../support/until.js';

const IN_USE = { code: -32600, message: expect.any(String) as string };

const waitCall = (gate: string, id: number | string) =>
  rpcBody(
    'legacy',
    'tools/call',
    { name: 'wait', arguments: { gate } },
    { id },
  );

describe.each(ADAPTERS)('ids of requests on %s', (adapter) => {
  let app: SessionApp;
  let endpoint: string;
  beforeAll(async () => {
    app = await bootSessions(adapter, { legacy: { sse: true } });
    endpoint = app.endpoint;
  });
  afterAll(() => app?.close());
  const started = (gate: string) =>
    until(() => app.gates.started.includes(gate));
  const postIn = ({ headers }: RawSession, body: unknown) =>
    send(endpoint, body, headers);

  it('are unique among the requests of a session that have no answer: the second is refused, the first is answered (JSON-RPC 2.0, section 4)', async () => {
    const session = await beginSession(endpoint);
    const first = callStream(endpoint, session, 'wait', { gate: 'first' }, 7);
    await started('first');
    for (const body of [
      waitCall('second', 7),
      rpcBody('legacy', 'ping', {}, { id: 7 }),
      [waitCall('second', 8), waitCall('third', 7)],
    ]) {
      const refused = await postIn(session, body);
      expect(refused.status).toBe(400);
      expect(refused.response?.error).toEqual(IN_USE);
    }
    app.gates.open('first');
    await first.ended;
    expect(first.messages()).toEqual([
      expect.objectContaining({ id: 7, result: expect.anything() as unknown }),
    ]);
    expect(app.gates.started).not.toContain('second');
    expect(app.gates.started).not.toContain('third');
  });

  it('of two requests that come at the same time let one of them run', async () => {
    const session = await beginSession(endpoint);
    const both = ['twin a', 'twin b'].map((gate) =>
      postIn(session, waitCall(gate, 1)),
    );
    const refused = await Promise.race(both);
    expect(refused.response?.error).toEqual(IN_USE);
    await until(() =>
      app.gates.started.some((gate) => gate.startsWith('twin')),
    );
    app.gates.open('twin a');
    app.gates.open('twin b');
    const answers = await Promise.all(both);
    expect(answers.filter(({ response }) => response?.result)).toHaveLength(1);
  });

  it('may be used again once there is an answer, an error or a cancellation', async () => {
    const session = await beginSession(endpoint);
    const ping = rpcBody('legacy', 'ping', {}, { id: 'again' });
    const unknown = rpcBody(
      'legacy',
      'tools/call',
      { name: 'none' },
      { id: 'again' },
    );
    for (const body of [ping, ping, unknown, unknown, ping]) {
      const answer = await postIn(session, body);
      expect(answer.response?.id).toBe('again');
      expect(answer.response?.error).not.toEqual(IN_USE);
    }
    const call = callStream(
      endpoint,
      session,
      'wait',
      { gate: 'given up' },
      'again',
    );
    await started('given up');
    await postIn(session, {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 'again' },
    });
    await call.ended;
    expect((await postIn(session, ping)).response).toMatchObject({
      result: {},
    });
  });

  it('that were refused with their request are free', async () => {
    const session = await beginSession(endpoint);
    const refused = await send(endpoint, waitCall('never', 3), {
      ...session.headers,
      accept: 'application/json',
    });
    expect(refused.status).toBe(406);
    const ping = rpcBody('legacy', 'ping', {}, { id: 3 });
    expect((await postIn(session, ping)).response).toMatchObject({
      result: {},
    });
  });

  it('are told apart by their type: 1 is not "1", and each is cancelled alone', async () => {
    const session = await beginSession(endpoint);
    const number = callStream(endpoint, session, 'wait', { gate: 'number' }, 1);
    const text = callStream(endpoint, session, 'wait', { gate: 'text' }, '1');
    await started('number');
    await started('text');
    await postIn(session, {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: '1' },
    });
    await text.ended;
    app.gates.open('number');
    await number.ended;
    expect(number.messages()).toEqual([
      expect.objectContaining({ id: 1, result: expect.anything() as unknown }),
    ]);
  });

  it('are those of one session: others, and callers without one, use the same', async () => {
    const sessions = [
      await beginSession(endpoint),
      await beginSession(endpoint),
    ];
    const calls = sessions.map((session, index) =>
      callStream(endpoint, session, 'wait', { gate: `same ${index}` }, 1),
    );
    await started('same 0');
    await started('same 1');
    await postIn(sessions[0] as RawSession, {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 1 },
    });
    await calls[0]?.ended;
    app.gates.open('same 1');
    await calls[1]?.ended;
    expect(calls[1]?.messages()).toEqual([
      expect.objectContaining({ id: 1, result: expect.anything() as unknown }),
    ]);
  });

  it.each(ERAS)(
    'without a session are nobody’s concern, in the %s era',
    async (era) => {
      const gates = ['a', 'b', 'c'].map((gate) => `${era} ${gate}`);
      const calls = gates.map((gate) =>
        openStream(
          endpoint,
          'tools/call',
          { name: 'wait', arguments: { gate } },
          { era, id: 1 },
        ),
      );
      for (const gate of gates) {
        await started(gate);
        app.gates.open(gate);
      }
      await Promise.all(calls.map(({ ended }) => ended));
      for (const [index, gate] of gates.entries()) {
        expect(calls[index]?.received()).toContain(gate);
      }
      expect(await callTool(endpoint, 'who', {}, { era })).toBeDefined();
    },
  );

  it('are unique in a batch, with a session and without one (MCP 2025-03-26, Batching)', async () => {
    const session = await beginSession(endpoint);
    const twice = [
      rpcBody('legacy', 'ping', {}, { id: 1 }),
      rpcBody('legacy', 'tools/list', {}, { id: 1 }),
    ];
    for (const headers of [session.headers, {}]) {
      const refused = await send(endpoint, twice, headers);
      expect([refused.status, refused.response?.error]).toEqual([400, IN_USE]);
      const [one, other] = twice;
      const answer = await send(
        endpoint,
        [one, { ...other, id: '1' }],
        headers,
      );
      expect(new Set(answer.messages.map(({ id }) => id))).toEqual(
        new Set([1, '1']),
      );
    }
  });

  it('are unique on a stream of 2024-11-05: the second is refused where it was posted', async () => {
    const stream = await listenTo(`${app.url}/sse`, {});
    await until(() => stream.events().length > 0);
    const target = new URL(stream.events()[0]?.data ?? '', app.url).href;
    const statusOf = async (body: unknown) =>
      (await send(target, body, {})).status;
    expect(await statusOf(waitCall('old', 1))).toBe(202);
    await started('old');
    expect(await statusOf(waitCall('old twin', 1))).toBe(400);
    app.gates.open('old');
    await until(() => stream.events().length === 2);
    expect(await statusOf(rpcBody('legacy', 'ping', {}, { id: 1 }))).toBe(202);
    await until(() => stream.events().length === 3);
    expect(app.gates.started).not.toContain('old twin');
    stream.abandon();
  });
});

const send = (
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
) =>
  post(url, JSON.stringify(body), {
    ...rpcHeaders('legacy', 'ping', {}),
    ...headers,
  });
