import { Injectable } from '@nestjs/common';
import {
  type Client,
  ProtocolError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import {
  McpAuthorize,
  type McpContext,
  McpModule,
  type McpModuleOptions,
  McpPublic,
  McpRegistry,
  McpResource,
  McpScopes,
  McpTool,
  ServerEventBus,
  ToolVisibility,
  type VisibilityQuestion,
} from '../../lib/index.js';
import { MemoryServerEventBus } from '../../lib/index.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { UNHELD } from '../support/boot-app.js';
import { createIssuer, now, type TestIssuer } from '../support/auth-issuer.js';
import { provide } from '../support/auth-provide.js';
import { rpc } from '../support/json-rpc.js';
import { openStream } from '../support/open-stream.js';
import { readEvents } from '../support/server-sent-events.js';
import { connectClient } from '../support/sdk-client.js';
import { until } from '../support/until.js';

@Injectable()
class Papers {
  @McpResource({ uri: 'paper://open' })
  @McpPublic()
  open(): string {
    return 'for all';
  }

  @McpResource({ uri: 'paper://team' })
  team(): string {
    return 'for those with a token';
  }

  @McpResource({ uri: 'paper://board' })
  @McpScopes('board')
  board(): string {
    return 'for the board';
  }

  @McpResource({ uri: 'paper://of/{owner}' })
  @McpAuthorize((token, { owner }) => token?.subject === owner)
  own(): string {
    return 'for its owner';
  }

  @McpResource({ uri: 'paper://tenant' })
  tenant(): string {
    return 'for tenants';
  }

  @McpTool({
    name: 'touch',
    inputSchema: {
      type: 'object',
      properties: { uri: { type: 'string' } },
      required: ['uri'],
    },
  })
  @McpPublic()
  touch({ uri }: { uri: string }, context: McpContext): string {
    context.notify.resourceUpdated(uri);
    return 'touched';
  }

  @McpTool({ name: 'touch_lists' })
  @McpPublic()
  touchLists(_args: unknown, context: McpContext): string {
    context.notify.toolsChanged();
    context.notify.promptsChanged();
    context.notify.resourcesChanged();
    return 'touched';
  }
}

const ALL = [
  'paper://open',
  'paper://team',
  'paper://board',
  'paper://of/ada',
  'paper://of/bob',
  'paper://tenant',
  'paper://nowhere',
];

/** The slower the longer the name, so that what comes later is decided on sooner. */
@Injectable()
class ByTenant extends ToolVisibility {
  async isVisible({ name, token }: VisibilityQuestion): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, name.length / 2));
    return name !== 'paper://tenant' || token?.claims['tenant'] === 'acme';
  }
}

describe.each(ADAPTERS)('subscriptions on %s', (adapter) => {
  let issuer: TestIssuer;
  let bus: MemoryServerEventBus;
  let booted: Awaited<ReturnType<typeof bootProtected>>;
  const clients: Client[] = [];

  const boot = async (mcp: McpModuleOptions = {}, visibility = false) => {
    issuer = await createIssuer();
    bus = new MemoryServerEventBus();
    booted = await bootProtected(
      adapter,
      { verifier: issuer.verifier },
      {
        ...UNHELD,
        mcp,
        imports: [
          { module: class PapersModule {}, providers: [Papers] },
          provide({ provide: ServerEventBus, useValue: bus }),
          ...(visibility
            ? [provide({ provide: ToolVisibility, useClass: ByTenant })]
            : []),
        ],
      },
    );
    return booted;
  };
  const touch = async (...uris: string[]) => {
    for (const uri of uris) {
      await rpc(booted.endpoint, 'modern', 'tools/call', {
        name: 'touch',
        arguments: { uri },
      });
    }
  };

  /** A listener of the 2026 era, and what it has heard. */
  const listener = (
    headers: Record<string, string>,
    notifications: Record<string, unknown>,
    id = 7,
  ) => {
    const stream = openStream(
      booted.endpoint,
      'subscriptions/listen',
      { notifications },
      { headers, id },
    );
    const messages = () =>
      readEvents(stream.received()).map(
        (data) =>
          JSON.parse(data) as {
            method?: string;
            params?: Record<string, unknown>;
          },
      );
    return {
      ...stream,
      messages,
      uris: () =>
        messages().flatMap(({ method, params }) =>
          method === 'notifications/resources/updated' ? [params?.['uri']] : [],
        ),
      changed: () =>
        messages().flatMap(({ method }) =>
          method?.endsWith('list_changed') ? [method] : [],
        ),
    };
  };

  /** A session of the 2025 era with an open stream, and what it has heard. */
  const session = async (headers: Record<string, string>) => {
    let isListening = false;
    const client = await connectClient(
      booted.endpoint,
      'legacy',
      headers,
      async (url, init) => {
        const response = await fetch(url, init);
        isListening ||= init?.method === 'GET';
        return response;
      },
    );
    clients.push(client);
    // The client opens its stream in the background.
    await until(() => isListening);
    const uris: string[] = [];
    const changed: string[] = [];
    client.setNotificationHandler(
      'notifications/resources/updated',
      ({ params }) => void uris.push(params.uri),
    );
    for (const method of [
      'notifications/tools/list_changed',
      'notifications/resources/list_changed',
    ] as const) {
      client.setNotificationHandler(method, () => void changed.push(method));
    }
    return { client, uris, changed };
  };
  const codeOf = (attempt: Promise<unknown>) =>
    attempt.then(
      () => undefined,
      (error: ProtocolError) => ({ code: error.code, data: error.data }),
    );

  afterEach(async () => {
    for (const client of clients.splice(0)) {
      // An aborted stream leaves a spare connection, which the server would wait for.
      const transport = client.transport as StreamableHTTPClientTransport;
      await transport.terminateSession().catch(() => undefined);
      await client.close();
    }
    await booted.close();
  });

  describe('subscriptions/listen', () => {
    it('a listener hears of resources that it may read, and of no other', async () => {
      await boot();
      const ada = listener(await issuer.bearer({ scope: 'board' }), {
        resourceSubscriptions: ALL,
      });
      const bob = listener(await issuer.bearer({ sub: 'bob' }), {
        resourceSubscriptions: ALL,
      });
      const nobody = listener({}, { resourceSubscriptions: ALL });
      await until(() =>
        [ada, bob, nobody].every((each) => each.messages().length === 1),
      );
      await touch(...ALL, 'paper://open');
      const last = (uris: unknown[]) =>
        uris.filter((uri) => uri === 'paper://open').length === 2;
      await until(() => [ada, bob, nobody].every((each) => last(each.uris())));
      expect(ada.uris()).toEqual([
        'paper://open',
        'paper://team',
        'paper://board',
        'paper://of/ada',
        'paper://tenant',
        'paper://open',
      ]);
      expect(bob.uris()).toEqual([
        'paper://open',
        'paper://team',
        'paper://of/bob',
        'paper://tenant',
        'paper://open',
      ]);
      expect(nobody.uris()).toEqual(['paper://open', 'paper://open']);
      [ada, bob, nobody].forEach((each) => each.abandon());
    });

    it('every message carries the subscription, and nothing comes that was not asked for (MCP 2026-07-28, Subscriptions)', async () => {
      await boot();
      const one = listener({}, { resourceSubscriptions: ['paper://open'] });
      await until(() => one.messages().length === 1);
      expect(one.messages()[0]).toMatchObject({
        method: 'notifications/subscriptions/acknowledged',
        params: {
          notifications: { resourceSubscriptions: ['paper://open'] },
          _meta: { 'io.modelcontextprotocol/subscriptionId': 7 },
        },
      });
      await rpc(booted.endpoint, 'modern', 'tools/call', {
        name: 'touch_lists',
        arguments: {},
      });
      await touch('paper://team', 'paper://open');
      await until(() => one.messages().length > 1);
      expect(one.messages().slice(1)).toEqual([
        expect.objectContaining({
          method: 'notifications/resources/updated',
          params: {
            uri: 'paper://open',
            _meta: { 'io.modelcontextprotocol/subscriptionId': 7 },
          },
        }),
      ]);
      one.abandon();
    });

    it('keeps the order although some is decided on sooner', async () => {
      await boot({}, true);
      const ada = listener(await issuer.bearer({ tenant: 'acme' }), {
        resourceSubscriptions: ALL,
        toolsListChanged: true,
      });
      const bob = listener(await issuer.bearer({ sub: 'bob' }), {
        resourceSubscriptions: ALL,
      });
      await until(() =>
        [ada, bob].every((each) => each.messages().length === 1),
      );
      const uris = ['paper://tenant', 'paper://team', 'paper://open'];
      for (const uri of uris) {
        booted.app.get(McpRegistry).notify.resourceUpdated(uri);
      }
      await until(() => ada.uris().length === 3 && bob.uris().length === 2);
      expect(ada.uris()).toEqual(uris);
      expect(bob.uris()).toEqual(['paper://team', 'paper://open']);
      [ada, bob].forEach((each) => each.abandon());
    });

    it('a list that changes is told to those who can see the entry (MCP, Tools, "List Changed Notification")', async () => {
      await boot();
      const registry = booted.app.get(McpRegistry);
      const filter = { toolsListChanged: true, resourcesListChanged: true };
      const board = listener(await issuer.bearer({ scope: 'board' }), filter);
      const other = listener(await issuer.bearer(), filter);
      await until(() =>
        [board, other].every((each) => each.messages().length === 1),
      );
      const tool = { name: 'vote', handler: () => 'voted' };
      await registry.register({ ...tool, scopes: ['board'] });
      await until(() => board.changed().length === 1);
      expect(other.changed()).toEqual([]);
      await registry.register({
        kind: 'resource',
        uri: 'paper://minutes',
        scopes: ['board'],
        handler: () => 'minutes',
      });
      await until(() => board.changed().length === 2);
      expect(other.changed()).toEqual([]);
      // Nobody knows any more whose it was.
      registry.remove('vote');
      await until(() => other.changed().length === 1);
      await registry.register({ ...tool, name: 'vote_openly' });
      await until(() => other.changed().length === 2);
      expect(board.changed()).toHaveLength(4);
      [board, other].forEach((each) => each.abandon());
    });

    it('what expired hears nothing, and its stream ends', async () => {
      await boot();
      const brief = listener(await issuer.bearer({ exp: now() + 4 }), {
        resourceSubscriptions: ['paper://team'],
      });
      await until(() => brief.messages().length === 1);
      await brief.ended;
      await touch('paper://team');
      expect(brief.uris()).toEqual([]);
    });

    it('the next of a caller who has all of its streams is answered in-band', async () => {
      await boot({ limits: { maxSubscriptions: 2 } });
      const filter = { resourceSubscriptions: ['paper://open'] };
      const headers = await issuer.bearer();
      const held = [listener(headers, filter), listener(headers, filter)];
      await until(() => held.every((each) => each.messages().length === 1));
      const refused = await rpc(
        booted.endpoint,
        'modern',
        'subscriptions/listen',
        { notifications: filter },
        { headers: await issuer.bearer(), id: 'third' },
      );
      expect(refused.status).toBe(200);
      expect(refused.response).toEqual({
        jsonrpc: '2.0',
        id: 'third',
        error: { code: -32603, message: 'Subscription limit reached' },
      });
      // Others have their own.
      const other = listener(await issuer.bearer({ sub: 'bob' }), filter);
      const nobody = listener({}, filter);
      await until(() =>
        [other, nobody].every((each) => each.messages().length === 1),
      );
      expect(other.messages()[0]).toMatchObject({
        method: 'notifications/subscriptions/acknowledged',
      });
      // What ends makes room.
      held[0]?.abandon();
      let again = listener(headers, filter);
      await until(() => {
        const [first] = again.messages();
        if (first && !first.method) {
          again = listener(headers, filter);
        }
        return first?.method !== undefined;
      });
      [...held, other, nobody, again].forEach((each) => each.abandon());
    });

    it('where all are held, an anonymous one is refused, and the oldest anonymous one ends for a caller with a token', async () => {
      await boot({
        limits: { maxSubscriptions: 3, maxSubscriptionsInTotal: 3 },
      });
      const filter = { resourceSubscriptions: ['paper://open'] };
      const opened = async (headers: Record<string, string>) => {
        const opening = listener(headers, filter);
        await until(() => opening.messages()[0]?.method !== undefined);
        return opening;
      };
      const askOnce = async (headers = {}) =>
        (
          await rpc(
            booted.endpoint,
            'modern',
            'subscriptions/listen',
            { notifications: filter },
            { headers },
          )
        ).response?.error;
      const refusal = { code: -32603, message: 'Subscription limit reached' };
      const oldest = await opened({});
      const newer = await opened({});
      const ada = await opened(await issuer.bearer());
      expect(await askOnce()).toEqual(refusal);
      const bob = await opened(await issuer.bearer({ sub: 'bob' }));
      await oldest.ended;
      await touch('paper://open');
      await until(() =>
        [newer, ada, bob].every((each) => each.uris().length === 1),
      );
      const eve = await opened(await issuer.bearer({ sub: 'eve' }));
      await newer.ended;
      // There are no anonymous ones left, and nobody else gives way.
      expect(await askOnce(await issuer.bearer({ sub: 'late' }))).toEqual(
        refusal,
      );
      [ada, bob, eve].forEach((each) => each.abandon());
    });

    it('a listen that fails does not count', async () => {
      await boot({ limits: { maxSubscriptions: 1 } });
      for (let count = 0; count < 3; count += 1) {
        const answer = await rpc(
          booted.endpoint,
          'modern',
          'subscriptions/listen',
          { notifications: 'none' },
        );
        expect(answer.response?.error?.code).toBe(-32602);
      }
    });
  });

  describe('sessions of the 2025 era', () => {
    it('are told of what they subscribe to, until they unsubscribe (MCP 2025-11-25, Resources, "Subscriptions")', async () => {
      await boot();
      const { client, uris } = await session(await issuer.bearer());
      expect(client.getServerCapabilities()).toMatchObject({
        resources: { subscribe: true, listChanged: true },
        tools: { listChanged: true },
      });
      expect(await client.subscribeResource({ uri: 'paper://team' })).toEqual(
        {},
      );
      await client.subscribeResource({ uri: 'paper://team' });
      await client.subscribeResource({ uri: 'paper://of/ada' });
      await touch('paper://open', 'paper://team', 'paper://of/ada');
      await until(() => uris.length === 2);
      expect(uris).toEqual(['paper://team', 'paper://of/ada']);
      expect(await client.unsubscribeResource({ uri: 'paper://team' })).toEqual(
        {},
      );
      await client.unsubscribeResource({ uri: 'paper://never' });
      await touch('paper://team', 'paper://of/ada');
      await until(() => uris.length === 3);
      expect(uris[2]).toBe('paper://of/ada');
    });

    it('what a session may not read it cannot subscribe to, and it looks like what does not exist', async () => {
      await boot({}, true);
      const { client } = await session(await issuer.bearer());
      for (const uri of [
        'paper://nowhere',
        'paper://tenant',
        'paper://of/bob',
      ]) {
        expect(await codeOf(client.subscribeResource({ uri }))).toEqual({
          code: -32602,
          data: { uri },
        });
      }
    });

    it('hear of lists as far as they can see them (MCP, Tools, "List Changed Notification")', async () => {
      await boot();
      const registry = booted.app.get(McpRegistry);
      const board = await session(await issuer.bearer({ scope: 'board' }));
      const other = await session(await issuer.bearer({ sub: 'bob' }));
      const handler = () => 'voted';
      await registry.register({ name: 'vote', scopes: ['board'], handler });
      await until(() => board.changed.length === 1);
      await registry.register({ name: 'vote_openly', handler });
      await until(() => other.changed.length === 1);
      expect(board.changed).toHaveLength(2);
    });

    it('have at most 100 resources', async () => {
      await boot();
      const registry = booted.app.get(McpRegistry);
      await registry.register({
        kind: 'resource',
        uri: 'page://{number}',
        handler: ({ number }) => `page ${String(number)}`,
      });
      const { client } = await session(await issuer.bearer());
      for (let page = 1; page <= 100; page += 1) {
        await client.subscribeResource({ uri: `page://${page}` });
      }
      expect(
        await codeOf(client.subscribeResource({ uri: 'page://101' })),
      ).toMatchObject({ code: -32603 });
      await client.unsubscribeResource({ uri: 'page://1' });
      await client.subscribeResource({ uri: 'page://101' });
    });

    it('count among the subscriptions of their caller', async () => {
      await boot({ limits: { maxSubscriptions: 1 } });
      const headers = await issuer.bearer();
      const first = await session(headers);
      const second = await session(headers);
      const uri = 'paper://team';
      await first.client.subscribeResource({ uri });
      expect(await codeOf(second.client.subscribeResource({ uri }))).toEqual({
        code: -32603,
        data: undefined,
      });
      await first.client.unsubscribeResource({ uri });
      await second.client.subscribeResource({ uri });
    });

    it('end for a caller with a token where their own is anonymous and all are held', async () => {
      await boot({ limits: { maxSubscriptionsInTotal: 1 } });
      const uri = 'paper://open';
      const nobody = await session({});
      await nobody.client.subscribeResource({ uri });
      const ada = await session(await issuer.bearer());
      await ada.client.subscribeResource({ uri });
      await expect(nobody.client.ping()).rejects.toThrow();
      const again = await session({});
      expect(await codeOf(again.client.subscribeResource({ uri }))).toEqual({
        code: -32603,
        data: undefined,
      });
    });

    it('hear what their latest token may, as it may have lost a scope', async () => {
      await boot();
      const headers = await issuer.bearer({ scope: 'board' });
      const { client, uris } = await session(headers);
      await client.subscribeResource({ uri: 'paper://board' });
      await client.subscribeResource({ uri: 'paper://team' });
      await touch('paper://board', 'paper://team');
      await until(() => uris.length === 2);
      Object.assign(headers, await issuer.bearer());
      await client.ping();
      await touch('paper://board', 'paper://team');
      await until(() => uris.length === 3);
      expect(uris).toEqual(['paper://board', 'paper://team', 'paper://team']);
    });

    it('leave nothing behind when they end', async () => {
      await boot();
      const count = () =>
        (bus as unknown as { bus: { listenerCount: number } }).bus
          .listenerCount;
      const { client } = await session(await issuer.bearer());
      await client.subscribeResource({ uri: 'paper://team' });
      expect(count()).toBe(1);
      await (
        client.transport as StreamableHTTPClientTransport
      ).terminateSession();
      await until(() => count() === 0);
    });
  });

  it('without a session, nothing can be subscribed to in the 2025 era', async () => {
    await boot({ legacy: { sessions: false } });
    const answer = await rpc(booted.endpoint, 'legacy', 'resources/subscribe', {
      uri: 'paper://open',
    });
    expect(answer.response?.error?.code).toBe(-32601);
  });
});

describe('two servers of one application', () => {
  it.each(ADAPTERS)(
    'hear nothing of each other on %s',
    async (adapter: AdapterName) => {
      const bus = new MemoryServerEventBus();
      const booted = await bootProtected(adapter, false, {
        mcp: { name: 'first' },
        imports: [
          McpModule.forRoot({ name: 'second', path: '/second', auth: false }),
          { module: class PapersModule {}, providers: [Tools] },
          provide({ provide: ServerEventBus, useValue: bus }),
        ],
      });
      const [first, second] = booted.app.get(McpRegistry, { each: true });
      const heard: string[] = [];
      for (const [name, path] of [
        ['first', '/mcp'],
        ['second', '/second'],
      ] as const) {
        const client = await connectClient(`${booted.url}${path}`, 'modern');
        client.setNotificationHandler(
          'notifications/tools/list_changed',
          () => void heard.push(name),
        );
        await client.listen({ toolsListChanged: true });
      }
      second?.notify.toolsChanged();
      await until(() => heard.length === 1);
      first?.notify.toolsChanged();
      await until(() => heard.length === 2);
      expect(heard).toEqual(['second', 'first']);
      // What the application publishes by itself is for all.
      bus.publish({ kind: 'tools_list_changed' });
      await until(() => heard.length === 4);
      await booted.close();
    },
  );
});

@Injectable()
class Tools {
  @McpTool({ name: 'nothing' })
  nothing(): string {
    return 'nothing';
  }
}
