import { Injectable, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { z } from 'zod';
import {
  type McpContext,
  type McpDefinition,
  McpModule,
  McpRegistry,
  McpTool,
} from '../../lib/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { createIssuer } from '../support/auth-issuer.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';
import { type Era, ERAS, rpc } from '../support/json-rpc.js';
import { connectClient } from '../support/sdk-client.js';
import { until } from '../support/until.js';

@Injectable()
class Existing {
  @McpTool({ name: 'existing' })
  run(): unknown {
    return { existing: true };
  }
}

/** A global guard of the application, which sees provider tools, too. */
@Injectable()
class Watch implements CanActivate {
  readonly seen: string[] = [];

  canActivate(context: ExecutionContext): boolean {
    if (context.getType<string>() === 'mcp') {
      this.seen.push(context.getHandler().name);
    }
    return true;
  }
}

@Module({
  imports: [McpModule.forRoot({ name: 'runtime', auth: false })],
  providers: [Existing, Watch, { provide: APP_GUARD, useExisting: Watch }],
})
class RuntimeApp {}

const add = {
  name: 'add',
  title: 'Adds',
  description: 'Adds two numbers',
  annotations: { readOnlyHint: true },
  icons: [{ src: 'https://example.com/add.png' }],
  _meta: { 'example.com/unit': 'none' },
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  outputSchema: z.object({ sum: z.number() }),
  handler: ({ a, b }: { a: number; b: number }) => ({ sum: a + b }),
} satisfies McpDefinition;

describe.each(MAIN_TWO)('tools registered at run time on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;
  let registry: McpRegistry;

  beforeAll(async () => {
    booted = await bootApp(RuntimeApp, adapter, UNHELD);
    endpoint = `${booted.url}/mcp`;
    registry = booted.app.get(McpRegistry);
  });
  afterEach(() => {
    for (const { name } of registry.tools) {
      registry.remove(name);
    }
  });
  afterAll(() => booted?.close());

  it.each(ERAS)(
    'are listed with all they are given in the %s era',
    async (era) => {
      await registry.register(add);
      const listed = await listTools(endpoint, { era });
      expect(listed.map(({ name }) => name)).toEqual(['add', 'existing']);
      expect(listed[0]).toMatchObject({
        name: 'add',
        title: 'Adds',
        description: 'Adds two numbers',
        annotations: { readOnlyHint: true },
        icons: [{ src: 'https://example.com/add.png' }],
        _meta: { 'example.com/unit': 'none' },
        inputSchema: { type: 'object', required: ['a', 'b'] },
        outputSchema: { type: 'object', required: ['sum'] },
      });
    },
  );

  it.each(ERAS)(
    'are called, validated and mapped as those of providers in the %s era, under global guards',
    async (era) => {
      const watch = booted.app.get(Watch);
      watch.seen.length = 0;
      await registry.register(add);
      expect(
        await callTool(endpoint, 'add', { a: 1, b: 2 }, { era }),
      ).toMatchObject({ structuredContent: { sum: 3 } });
      expect(watch.seen).toEqual(['handler']);
      const refused = await callTool(endpoint, 'add', { a: 'x' }, { era });
      expect(refused).toMatchObject({ isError: true });
      expect(JSON.stringify(refused.content)).toContain('Invalid arguments');
    },
  );

  it('a description that is not given is the title, else the name', async () => {
    await registry.register({
      name: 'one',
      title: 'The one',
      handler: () => 1,
    });
    await registry.register({ name: 'two', handler: () => 2 });
    expect(
      registry.tools.map(({ name, description }) => [name, description]),
    ).toEqual([
      ['existing', 'Existing.run'],
      ['one', 'The one'],
      ['two', 'two'],
    ]);
  });

  it('a failure is told to the log alone', async () => {
    await registry.register({
      name: 'broken',
      handler: () => {
        throw new Error('the password is swordfish');
      },
    });
    const result = await callTool(endpoint, 'broken');
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result)).not.toContain('swordfish');
  });

  it('the handler gets the context of its call', async () => {
    let seen: McpContext | undefined;
    await registry.register({
      name: 'context',
      handler: (_args, context) => {
        seen = context;
        return [context.kind, context.name];
      },
    });
    const { structuredContent, content } = await callTool(endpoint, 'context');
    expect(structuredContent ?? content).toBeDefined();
    expect(seen?.name).toBe('context');
    expect(seen?.era).toBe('modern');
  });

  it('stay when the application is scanned again', async () => {
    await registry.register(add);
    await registry.refresh();
    expect(registry.tools.map(({ name }) => name)).toEqual(['add', 'existing']);
  });

  it.each(ERAS)(
    'are gone once removed: called in vain in the %s era, as what never was',
    async (era) => {
      const tool = await registry.register(add);
      expect(tool.name).toBe('add');
      expect(tool.remove()).toBe(true);
      expect(tool.remove()).toBe(false);
      expect(registry.remove('add')).toBe(false);
      const answer = await rpc(endpoint, era, 'tools/call', {
        name: 'add',
        arguments: {},
      });
      expect(answer.response?.error).toMatchObject({
        code: -32602,
        message: 'Unknown tool: add',
      });
    },
  );

  it('an old handle does not remove a later tool of the same name', async () => {
    const first = await registry.register(add);
    registry.remove('add');
    await registry.register(add);
    expect(first.remove()).toBe(false);
    expect(registry.tools.map(({ name }) => name)).toContain('add');
  });

  it('a name that was registered already is refused, and the first stays', async () => {
    await registry.register(add);
    await expect(
      registry.register({ name: 'ADD', handler: () => 0 }),
    ).rejects.toThrow(/"add" already/);
    await expect(
      registry.register({ name: 'add', handler: () => 0 }),
    ).rejects.toThrow(/"add" already/);
    expect(await callTool(endpoint, 'add', { a: 1, b: 2 })).toMatchObject({
      structuredContent: { sum: 3 },
    });
  });

  it('what was found at start-up is not removed', () => {
    expect(registry.remove('existing')).toBe(false);
  });

  it.each<[string, McpDefinition, RegExp]>([
    [
      'a name that is taken',
      { ...add, name: 'existing' },
      /"existing" already \(Existing\.run\)/,
    ],
    [
      'one that differs by case alone',
      { ...add, name: 'Existing' },
      /"existing" already/,
    ],
    [
      'a name that cannot be (MCP Tools, "Tool Names")',
      { ...add, name: 'a b' },
      /"a b" cannot name/,
    ],
    ['an empty name', { ...add, name: '' }, /name is an empty text/],
    [
      'an invalid schema',
      {
        ...add,
        inputSchema: { type: 'object', properties: { a: { type: 'strng' } } },
      },
      /inputSchema/,
    ],
    [
      'arguments that are no object',
      { ...add, inputSchema: { type: 'string' } },
      /no object/,
    ],
    ['no handler', { name: 'idle' } as never, /no handler/],
    ['a timeout that is none', { ...add, timeout: -1 }, /timeout/],
    [
      'scopes of tokens that nobody verifies',
      { ...add, scopes: ['x'] },
      /verifies no tokens/,
    ],
    [
      'both public and scoped',
      { ...add, public: true, scopes: ['x'] },
      /both @McpPublic\(\) and @McpScopes\(\)/,
    ],
  ])(
    '%s is refused, and the list stays',
    async (_title, definition, message) => {
      await expect(registry.register(definition)).rejects.toThrow(message);
      expect(registry.tools.map(({ name }) => name)).toEqual(['existing']);
    },
  );

  it('clients that listen are told when the list changes (MCP, Tools, "List Changed Notification")', async () => {
    const client = await connectClient(endpoint, 'modern');
    let told = 0;
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      told += 1;
    });
    const subscription = await client.listen({ toolsListChanged: true });
    const tool = await registry.register(add);
    await until(() => told === 1);
    tool.remove();
    await until(() => told === 2);
    await subscription.close();
    await client.close();
  });

  it('a session is told when the list changes (MCP, Tools, "List Changed Notification")', async () => {
    const client = await connectClient(endpoint, 'legacy');
    let told = 0;
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      told += 1;
    });
    // The client opens its stream in the background.
    const names = ['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'];
    for (const name of names) {
      await registry.register({ name, handler: () => 1 });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await until(() => told > 0);
    await client.close();
  });
});

describe.each(MAIN_TWO)(
  'resources and prompts registered at run time on %s',
  (adapter) => {
    let booted: BootedApp;
    let endpoint: string;
    let registry: McpRegistry;

    beforeAll(async () => {
      booted = await bootApp(RuntimeApp, adapter);
      endpoint = `${booted.url}/mcp`;
      registry = booted.app.get(McpRegistry);
    });
    afterAll(() => booted?.close());

    const ask = async (era: Era, method: string, params = {}) =>
      (await rpc(endpoint, era, method, params)).response;

    it.each(ERAS)('are served in the %s era, until removed', async (era) => {
      const text = await registry.register({
        kind: 'resource',
        uri: 'memo://today',
        title: 'Memo',
        mimeType: 'text/plain',
        handler: () => 'buy milk',
      });
      const template = await registry.register({
        kind: 'resource',
        uri: 'memo://on/{day}',
        name: 'memos',
        handler: ({ day }) => `on ${String(day)}`,
      });
      const prompt = await registry.register({
        kind: 'prompt',
        name: 'review',
        description: 'Reviews',
        arguments: z.object({ what: z.string() }),
        handler: ({ what }) => `Review ${what}`,
      });
      expect(registry.resources).toEqual([
        {
          uri: 'memo://today',
          name: 'memo://today',
          title: 'Memo',
          mimeType: 'text/plain',
        },
      ]);
      expect(registry.resourceTemplates).toEqual([
        { uriTemplate: 'memo://on/{day}', name: 'memos' },
      ]);
      expect(
        await ask(era, 'resources/read', { uri: 'memo://on/monday' }),
      ).toMatchObject({
        result: { contents: [{ uri: 'memo://on/monday', text: 'on monday' }] },
      });
      expect(await ask(era, 'prompts/list')).toMatchObject({
        result: {
          prompts: [
            { name: 'review', arguments: [{ name: 'what', required: true }] },
          ],
        },
      });
      const review = { name: 'review', arguments: { what: 'it' } };
      expect(await ask(era, 'prompts/get', review)).toMatchObject({
        result: { messages: [{ content: { text: 'Review it' } }] },
      });
      await registry.refresh();
      expect(registry.resources).toHaveLength(1);
      expect(registry.remove('memo://today')).toBe(false);
      expect(registry.remove('memo://today', 'resource')).toBe(true);
      expect(text.remove()).toBe(false);
      expect(template.remove()).toBe(true);
      expect(registry.remove('review', 'prompt')).toBe(true);
      expect(prompt.remove()).toBe(false);
      expect(registry.resourceTemplates).toEqual([]);
      expect(registry.prompts).toEqual([]);
    });

    it.each<[string, McpDefinition, RegExp]>([
      [
        'a URI that is taken',
        { kind: 'resource', uri: 'a://b', name: 'c', handler: () => '' },
        /"a:\/\/b" already/,
      ],
      [
        'a name that is taken',
        { kind: 'resource', uri: 'a://c', name: 'a://b', handler: () => '' },
        /"a:\/\/b" already/,
      ],
      [
        'what is no URI',
        { kind: 'resource', uri: 'nothing', handler: () => '' },
        /cannot be read/,
      ],
      [
        'a prompt without a name',
        { kind: 'prompt', name: '', handler: () => '' },
        /name is an empty text/,
      ],
      [
        'another kind',
        { kind: 'completion', name: 'x', handler: () => '' } as never,
        /kind is "completion"/,
      ],
    ])('%s is refused, and the lists stay', async (_title, given, message) => {
      const kept = await registry.register({
        kind: 'resource',
        uri: 'a://b',
        handler: () => '',
      });
      await expect(registry.register(given)).rejects.toThrow(message);
      expect([...registry.resources, ...registry.prompts]).toHaveLength(1);
      kept.remove();
    });
  },
);

describe.each(MAIN_TWO)('who may call what is registered on %s', (adapter) => {
  it.each(ERAS)(
    'is said by scopes, public and authorize, as by the decorators, in the %s era',
    async (era) => {
      const issuer = await createIssuer();
      const { app, endpoint, close } = await bootProtected(adapter, {
        verifier: issuer.verifier,
      });
      const registry = app.get(McpRegistry);
      const handler = () => ({ ran: true });
      await registry.register({ name: 'z_public', public: true, handler });
      await registry.register({ name: 'z_scoped', scopes: ['z'], handler });
      await registry.register({
        name: 'z_scopes',
        scopes: ['z', 'y'],
        handler,
      });
      await registry.register({
        name: 'z_own',
        authorize: (token) => token?.subject === 'bob',
        handler,
      });
      const listed = async (headers: Record<string, string> = {}) =>
        (await listTools(endpoint, { era, headers }))
          .map(({ name }) => name)
          .filter((name) => name.startsWith('z_'));
      expect(await listed()).toEqual(['z_public']);
      expect(await listed(await issuer.bearer())).toEqual([
        'z_own',
        'z_public',
      ]);
      const z = await issuer.bearer({ scope: 'z' });
      expect(await listed(z)).toEqual(['z_own', 'z_public', 'z_scoped']);
      const statusOf = async (
        name: string,
        headers: Record<string, string> = {},
      ) =>
        (
          await rpc(
            endpoint,
            era,
            'tools/call',
            { name, arguments: {} },
            { headers },
          )
        ).status;
      expect(await statusOf('z_public')).toBe(200);
      expect(await statusOf('z_scoped')).toBe(401);
      expect(await statusOf('z_scoped', z)).toBe(200);
      expect(await statusOf('z_scopes', z)).toBe(403);
      expect(await statusOf('z_own', z)).toBe(403);
      expect(await statusOf('z_own', await issuer.bearer({ sub: 'bob' }))).toBe(
        200,
      );
      await close();
    },
  );
});
