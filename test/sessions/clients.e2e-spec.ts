import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { ADAPTERS } from '../support/adapters.js';
import { UNHELD } from '../support/boot-app.js';
import { bootSessions, type SessionApp } from '../support/sessions-app.js';
import { until } from '../support/until.js';

describe.each(ADAPTERS)('clients of the 2025 era on %s', (adapter) => {
  let app: SessionApp;
  beforeAll(async () => {
    app = await bootSessions(adapter, {}, [], UNHELD);
  });
  afterAll(() => app?.close());

  it('keep a session, hear of progress and answer questions: the v1 client', async () => {
    const client = new V1Client(
      { name: 'v1', version: '1.0.0' },
      { capabilities: { elicitation: {} } },
    );
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      expect(params.message).toBe('Your name?');
      return { action: 'accept', content: { name: 'Ada' } };
    });
    const transport = new V1Transport(new URL(app.endpoint));
    await client.connect(transport as never);
    expect(transport.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    const progress: unknown[] = [];
    const waiting = client.callTool(
      { name: 'wait', arguments: { gate: `v1 ${adapter}` } },
      undefined,
      { onprogress: (report) => progress.push(report) },
    );
    await until(() => progress.length === 1);
    app.gates.open(`v1 ${adapter}`);
    await waiting;
    expect(progress).toEqual([
      { progress: 1, total: 2, message: `before v1 ${adapter}` },
      { progress: 2, total: 2, message: `after v1 ${adapter}` },
    ]);
    const asked = await client.callTool({ name: 'ask', arguments: {} });
    expect(JSON.stringify(asked)).toContain('Ada');
    await transport.terminateSession();
    expect(app.sessions.all()).toHaveLength(0);
    await client.close();
  });

  it('keep a session and answer questions: the v2 client in legacy mode', async () => {
    const client = new Client(
      { name: 'v2', version: '2.0.0' },
      {
        capabilities: { elicitation: {} },
        versionNegotiation: { mode: 'legacy' },
      },
    );
    client.setRequestHandler('elicitation/create', () => ({
      action: 'accept',
      content: { name: 'Grace' },
    }));
    const transport = new StreamableHTTPClientTransport(new URL(app.endpoint));
    await client.connect(transport);
    const asked = await client.callTool({ name: 'ask', arguments: {} });
    expect(JSON.stringify(asked)).toContain('Grace');
    await client.close();
  });

  it('resume a call whose stream the server has ended: the v1 client', async () => {
    const client = new V1Client({ name: 'v1', version: '1.0.0' });
    let hasResumed = false;
    const transport = new V1Transport(new URL(app.endpoint), {
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        hasResumed ||= new Headers(init?.headers).has('last-event-id');
        return response;
      },
    });
    await client.connect(transport as never);
    const gate = `later ${adapter}`;
    const called = client.callTool({ name: 'later', arguments: { gate } });
    await until(() => app.gates.started.includes(gate));
    await until(() => hasResumed);
    app.gates.open(gate);
    expect(JSON.stringify(await called)).toContain(gate);
    await client.close();
  });
});
