import { Module, type Type } from '@nestjs/common';
import { McpModule } from '../../lib/index.js';
import type { McpModuleExtras, McpModuleOptions } from '../../lib/index.js';
import { ComplexModule, SimpleModule } from '../fixtures/items.js';
import { MAIN_TWO, type AdapterName } from '../support/adapters.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { callTool, listTools, toolNames } from '../support/call-tool.js';
import { LEGACY_VERSION, post, rpc, rpcHeaders } from '../support/json-rpc.js';
import { connectClient } from '../support/sdk-client.js';

/*
 * What users of FastAPI-MCP rely on. A behaviour is a test here, or a line that
 * says where it is tested or why ours differs. The HTTP+SSE transport of
 * 2024-11-05 and OAuth metadata have specs of their own.
 */

const app = (
  modules: Type<unknown>[],
  options: McpModuleOptions & McpModuleExtras = {},
): Type<unknown> => {
  @Module({
    imports: [
      McpModule.forRoot({ name: 'model', expose: 'all', ...options }),
      ...modules,
    ],
  })
  class App {}
  return App;
};

async function within<T>(
  modules: Type<unknown>[],
  options: McpModuleOptions,
  act: (endpoint: string, booted: BootedApp) => Promise<T>,
  adapter: AdapterName = 'express',
): Promise<T> {
  const booted = await bootApp(app(modules, options), adapter, UNHELD);
  try {
    return await act(`${booted.url}${options.path ?? '/mcp'}`, booted);
  } finally {
    await booted.close();
  }
}

const SIMPLE = [
  'create_item',
  'delete_item',
  'echo_headers',
  'get_item',
  'list_items',
  'raise_error',
  'update_item',
];
const COMPLEX = [
  'create_order',
  'get_customer',
  'get_product',
  'list_products',
  'untagged_read',
];
const PRODUCT = '11111111-1111-4111-8111-111111111111';

describe('a server of an application', () => {
  it('keeps a name and description that are given, and maps every operation', () =>
    within(
      [SimpleModule],
      { name: 'given', description: 'As given' },
      async (endpoint) => {
        const client = await connectClient(endpoint, 'legacy');
        expect(client.getServerVersion()).toMatchObject({
          name: 'given',
          description: 'As given',
        });
        await client.close();
        expect((await toolNames(endpoint)).toSorted()).toEqual(SIMPLE);
      },
    ));

  it('takes name and version from the package of the application, and serves /mcp', () =>
    within([SimpleModule], { name: undefined } as never, async (endpoint) => {
      expect(endpoint).toMatch(/\/mcp$/);
      const client = await connectClient(endpoint, 'legacy');
      expect(client.getServerVersion()?.name).not.toBe('');
      expect(client.getServerVersion()?.version).toMatch(/^\d+\.\d+\.\d+/);
      await client.close();
    }));

  // Differs: a path without a leading slash stops the application with the
  // remedy. exposure-servers.e2e-spec.ts holds both.
  it('takes a slash at the end off the path', () =>
    within([SimpleModule], { path: '/tools/' }, async (_, { url }) => {
      expect(await toolNames(`${url}/tools`)).toHaveLength(SIMPLE.length);
    }));
});

describe('the options of descriptions and filters', () => {
  const described = (options: McpModuleOptions, name: string) =>
    within([SimpleModule, ComplexModule], options, async (endpoint) => {
      const tools = await listTools(endpoint);
      return tools.find((tool) => tool.name === name)?.description ?? '';
    });
  const count = (text: string, part: string | RegExp): number =>
    text.split(part).length - 1;

  // Differs: with both flags off the model adds the success response and an
  // example to each description. That is the larger part of a long list's
  // tokens, so here a description is the developer's words alone.
  it('tells no response by default', async () => {
    const text = await described({}, 'get_item');
    expect(text).not.toContain('### Responses');
    expect(text).not.toContain('**Example Response:**');
  });

  it('tells every response with describeAllResponses', async () => {
    const text = await described({ describeAllResponses: true }, 'list_items');
    expect(count(text, /\*\*200\*\*/)).toBe(1);
    expect(count(text, /\*\*422\*\*/)).toBe(1);
    expect(text).not.toContain('**Output Schema:**');
  });

  it('tells one schema with describeFullResponseSchema, none for 204', async () => {
    const options = { describeFullResponseSchema: true };
    const text = await described(options, 'get_item');
    expect(count(text, '**Output Schema:**')).toBe(1);
    expect(await described(options, 'delete_item')).not.toContain(
      '**Output Schema:**',
    );
  });

  it.each([
    [false, true],
    [true, false],
    [true, true],
  ])('tells the complex application (all %s, full %s)', async (all, full) => {
    const text = await described(
      { describeAllResponses: all, describeFullResponseSchema: full },
      'list_products',
    );
    for (const status of ['400', '404', '422']) {
      expect(count(text, `**${status}**`)).toBe(all ? 1 : 0);
    }
    expect(count(text, '**200**')).toBe(1);
    expect(count(text, '**Output Schema:**')).toBe(full ? 1 : 0);
  });

  // Differs: a response that is a union gets an example, of its first member;
  // theirs gets none because cleaning strips `oneOf`.

  const filtered: [string, McpModuleOptions, string[]][] = [
    [
      'include operations',
      { include: { operations: ['get_item', 'list_items'] } },
      ['get_item', 'list_items'],
    ],
    ['exclude operations', { exclude: { operations: SIMPLE } }, COMPLEX],
    ['include tags', { include: { tags: ['items'] } }, SIMPLE],
    ['exclude tags', { exclude: { tags: ['items'] } }, COMPLEX],
    [
      'operation and tag: either',
      { include: { operations: ['get_item'], tags: ['shop'] } },
      ['get_item', ...COMPLEX.filter((n) => n !== 'untagged_read')],
    ],
    ['an empty include list', { include: { operations: [] } }, []],
    [
      'an empty exclude list',
      { exclude: { operations: [] } },
      [...SIMPLE, ...COMPLEX],
    ],
    ['an unknown tag', { include: { tags: ['nothing'] } }, []],
    [
      'untagged operations are not included by tag',
      { include: { tags: ['items', 'shop'] } },
      [...SIMPLE, ...COMPLEX].filter((n) => n !== 'untagged_read'),
    ],
    [
      'untagged operations are not excluded by tag',
      { exclude: { tags: ['items', 'shop'] } },
      ['untagged_read'],
    ],
    // Differs: an operation without an id is filtered by its tool's name.
    [
      'an operation without an id, by name',
      { include: { tools: ['untagged_read'] } },
      ['untagged_read'],
    ],
    // Differs: include and exclude together are no error; exclude wins.
    [
      'include with exclude',
      { include: { tags: ['items'] }, exclude: { operations: ['get_item'] } },
      SIMPLE.filter((n) => n !== 'get_item'),
    ],
  ];
  it.each(filtered)('filters: %s', (_, options, expected) =>
    within([SimpleModule, ComplexModule], options, async (endpoint) => {
      expect((await toolNames(endpoint)).toSorted()).toEqual(
        expected.toSorted(),
      );
    }),
  );

  it('filters an application without routes to nothing', () =>
    within([], { include: { tags: ['items'] } }, async (endpoint) => {
      expect(await toolNames(endpoint)).toEqual([]);
    }));
});

describe.each(MAIN_TWO)('a raw client on %s', (adapter) => {
  // Their root_path is our global prefix.
  describe.each(['', 'root'])('with the prefix %j', (prefix) => {
    let booted: BootedApp;
    let endpoint: string;

    beforeAll(async () => {
      booted = await bootApp(app([SimpleModule]), adapter, {
        configure: (nest) => {
          if (prefix) nest.setGlobalPrefix(prefix);
        },
      });
      endpoint = `${booted.url}${prefix && `/${prefix}`}/mcp`;
    });
    afterAll(() => booted?.close());

    it('initializes: 200, the id echoed, the name of the server', async () => {
      const answer = await rpc(
        endpoint,
        'legacy',
        'initialize',
        {
          protocolVersion: LEGACY_VERSION,
          capabilities: {},
          clientInfo: { name: 'test', version: '1' },
        },
        { id: 'init-1' },
      );
      expect(answer.status).toBe(200);
      expect(answer.response?.id).toBe('init-1');
      expect(answer.response?.result?.['serverInfo']).toMatchObject({
        name: 'model',
      });
      // Differs: no session, so no mcp-session-id; transport.e2e-spec.ts.
    });

    it('accepts the initialized notification: 202, no body', async () => {
      const answer = await post(
        endpoint,
        JSON.stringify({
          jsonrpc: '2.0',
          method: 'notifications/initialized',
        }),
        rpcHeaders('legacy', 'notifications/initialized', {}),
      );
      expect([answer.status, answer.text]).toEqual([202, '']);
    });

    it('lists the expected tools', async () => {
      const tools = await listTools(endpoint, { era: 'legacy' });
      expect(tools.map(({ name }) => name).toSorted()).toEqual(SIMPLE);
    });

    it('calls a tool: no error, the item as the first text', async () => {
      const result = await callTool(
        endpoint,
        'get_item',
        { item_id: 1 },
        { era: 'legacy' },
      );
      expect(result.isError).toBe(false);
      expect(result.content[0]?.type).toBe('text');
      expect(JSON.parse(result.content[0]?.text ?? '')).toMatchObject({
        id: 1,
        name: 'Item 1',
      });
    });

    it('answers ping', async () => {
      const answer = await rpc(endpoint, 'legacy', 'ping');
      expect(answer.response?.result).toEqual({});
    });

    it('answers malformed JSON with 400 and -32700', async () => {
      const answer = await post(
        endpoint,
        '{ not json',
        rpcHeaders('legacy', 'ping', {}),
      );
      expect(answer.status).toBe(400);
      expect(answer.messages[0]?.error?.code).toBe(-32700);
    });

    it('answers an unknown method with the code of JSON-RPC', async () => {
      // Differs: theirs is -32602, which JSON-RPC keeps for parameters.
      const answer = await rpc(endpoint, 'legacy', 'unknown/method');
      expect(answer.status).toBe(200);
      expect(answer.response?.error?.code).toBe(-32601);
    });
  });
});

describe.each(MAIN_TWO)(
  'tools with enums, arrays, unions and nested bodies on %s',
  (adapter) => {
    let booted: BootedApp;
    let endpoint: string;

    beforeAll(async () => {
      booted = await bootApp(app([ComplexModule]), adapter);
      endpoint = `${booted.url}/mcp`;
    });
    afterAll(() => booted?.close());

    it('lists all operations', async () => {
      expect((await toolNames(endpoint)).toSorted()).toEqual(COMPLEX);
    });

    it('lists products by defaults', async () => {
      const result = await callTool(endpoint, 'list_products');
      expect(result.structuredContent).toEqual({ inStock: false });
    });

    it('lists products by enum, number, boolean and array', async () => {
      const result = await callTool(endpoint, 'list_products', {
        category: 'books',
        min_price: 9.5,
        in_stock_only: true,
        tags: ['a', 'b'],
      });
      expect(result.structuredContent).toEqual({
        category: 'books',
        min: 9.5,
        inStock: true,
        tags: ['a', 'b'],
      });
    });

    it('passes an array of one as an array', async () => {
      const result = await callTool(endpoint, 'list_products', { tags: ['a'] });
      expect(result.structuredContent).toMatchObject({ tags: ['a'] });
    });

    it('gets by a UUID, with and without the optional query', async () => {
      for (const extra of [{}, { include_unavailable: true }]) {
        const result = await callTool(endpoint, 'get_product', {
          product_id: PRODUCT,
          ...extra,
        });
        expect(result.structuredContent).toEqual({
          id: PRODUCT,
          all: 'include_unavailable' in extra,
        });
      }
    });

    it('creates from a nested body', async () => {
      const order = {
        customer_id: PRODUCT,
        items: [{ product_id: PRODUCT, quantity: 2 }],
      };
      const result = await callTool(endpoint, 'create_order', order);
      expect(result.structuredContent).toEqual({ status: 'pending', ...order });
    });

    it('refuses a body that lacks required fields, naming one', async () => {
      const result = await callTool(endpoint, 'create_order', {
        customer_id: PRODUCT,
      });
      expect(result.isError).toBe(true);
      expect(result.text).toContain('items');
      expect(result.text).toMatch(/required/i);
    });

    it('answers either member of a union', async () => {
      const named = await callTool(endpoint, 'get_customer', {
        customer_id: PRODUCT,
      });
      const guest = await callTool(endpoint, 'get_customer', {
        customer_id: '22222222-2222-4222-8222-222222222222',
      });
      expect(named.structuredContent).toEqual({ name: 'Ada' });
      expect(guest.structuredContent).toEqual({ guest: true });
    });

    it('refuses a call without its path argument, naming it as required', async () => {
      const result = await callTool(endpoint, 'get_product');
      expect(result.isError).toBe(true);
      expect(result.text).toContain('product_id');
      expect(result.text).toMatch(/required/i);
    });
  },
);

describe.each(MAIN_TWO)('tools of a small application on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;
  const call = async (name: string, args = {}) =>
    callTool(endpoint, name, args);

  beforeEach(async () => {
    booted = await bootApp(
      app([SimpleModule], { forwardHeaders: ['Authorization', 'X-Custom'] }),
      adapter,
    );
    endpoint = `${booted.url}/mcp`;
  });
  afterEach(() => booted?.close());

  it('gets one and another', async () => {
    for (const id of [1, 2]) {
      expect(
        (await call('get_item', { item_id: id })).structuredContent,
      ).toMatchObject({ id, name: `Item ${id}` });
    }
  });

  it('lists by default and by page', async () => {
    expect((await call('list_items')).structuredContent).toHaveLength(3);
    const page = await call('list_items', { skip: 1, limit: 1 });
    expect(page.structuredContent).toMatchObject([{ id: 2 }]);
  });

  it('gets with an extra query', async () => {
    const result = await call('get_item', {
      item_id: 1,
      include_details: true,
    });
    expect(result.structuredContent).toMatchObject({
      details: 'all of them',
    });
  });

  it('creates from a flat body, updates from path and body', async () => {
    const item = { id: 9, name: 'Neun ä 漢', price: 1.5 };
    expect((await call('create_item', item)).structuredContent).toEqual(item);
    const updated = await call('update_item', {
      item_id: 9,
      ...item,
      name: 'x',
    });
    expect(updated.structuredContent).toMatchObject({ id: 9, name: 'x' });
    expect(
      (await call('get_item', { item_id: 9 })).structuredContent,
    ).toMatchObject({ name: 'x' });
  });

  it('keeps characters beyond ASCII as they are', async () => {
    const result = await call('create_item', {
      id: 9,
      name: 'ä漢🙂',
      price: 1,
    });
    expect(result.text).toContain('ä漢🙂');
  });

  it('deletes to an empty text', async () => {
    const result = await call('delete_item', { item_id: 1 });
    expect([result.isError, result.text]).toEqual([false, '']);
    expect((await call('get_item', { item_id: 1 })).isError).toBe(true);
  });

  it('reports 404 with the message of the application', async () => {
    const result = await call('get_item', { item_id: 999 });
    expect(result.isError).toBe(true);
    expect(result.text).toContain('404');
    expect(result.text.toLowerCase()).toContain('not found');
  });

  it('reports a crash as 500, and not what crashed', async () => {
    // Differs in the words: theirs are "Internal Server Error".
    const result = await call('raise_error');
    expect(result.isError).toBe(true);
    expect(result.text).toContain('500');
    expect(result.text).not.toContain('the inside of the server');
  });

  it('refuses a call that lacks an argument, naming it', async () => {
    const result = await call('get_item');
    expect(result.isError).toBe(true);
    expect(result.text).toContain('item_id');
  });

  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'forwards %s, and a custom header that is listed',
    async (name) => {
      const result = await callTool(
        endpoint,
        'echo_headers',
        {},
        { headers: { [name]: 'Bearer t', 'X-CUSTOM': 'c' } },
      );
      expect(result.structuredContent).toEqual({
        authorization: 'Bearer t',
        custom: 'c',
      });
    },
  );

  // Differs: a call has a request context always; stdio comes with another part.
});

describe('input schemas', () => {
  let booted: BootedApp;
  const schemaOf = async (name: string) =>
    (await listTools(`${booted.url}/mcp`)).find((t) => t.name === name)
      ?.inputSchema;

  beforeAll(async () => {
    // As the model does, which knows no clients that refuse a format.
    const options = { portability: 'strict' } as const;
    booted = await bootApp(
      app([SimpleModule, ComplexModule], options),
      'express',
    );
  });
  afterAll(() => booted?.close());

  it('gives both applications their counts and names', async () => {
    expect((await toolNames(`${booted.url}/mcp`)).toSorted()).toEqual(
      [...SIMPLE, ...COMPLEX].toSorted(),
    );
  });

  it('describes query parameters: enum, description, types, optional', async () => {
    const schema = await schemaOf('list_products');
    expect(Object.keys(schema?.properties ?? {}).toSorted()).toEqual([
      'category',
      'in_stock_only',
      'min_price',
      'tags',
    ]);
    expect(schema?.properties).toMatchObject({
      category: {
        enum: ['electronics', 'clothing', 'books'],
        description: 'Only of this category',
      },
      min_price: { type: 'number' },
      in_stock_only: { type: 'boolean', default: false },
      tags: { type: 'array', items: { type: 'string' } },
    });
    expect(schema?.required ?? []).toEqual([]);
  });

  it('describes defaults of pipes and path parameters', async () => {
    const list = await schemaOf('list_items');
    expect(list?.properties).toMatchObject({
      skip: { type: 'integer', default: 0 },
      limit: { type: 'integer', default: 10 },
    });
    expect(list?.properties).not.toHaveProperty('item_id');
    const one = await schemaOf('get_item');
    expect(one?.properties?.['item_id']).toMatchObject({ type: 'integer' });
    expect(one?.required).toEqual(['item_id']);
    const product = await schemaOf('get_product');
    expect(product?.properties?.['product_id']).toMatchObject({
      type: 'string',
      format: 'uuid',
    });
  });

  it('describes body properties: types, required, defaults, descriptions', async () => {
    // Differs: no `title` equal to the name of each property; it tells nothing.
    const schema = await schemaOf('create_item');
    expect(schema?.properties).toMatchObject({
      id: { type: 'integer' },
      name: { type: 'string', description: 'What it is called' },
      price: { type: 'number' },
      tags: { default: [] },
    });
    expect(schema?.required?.toSorted()).toEqual(['id', 'name', 'price']);
  });

  it('describes the items of nested arrays', async () => {
    const schema = await schemaOf('create_order');
    const text = JSON.stringify(schema);
    expect(schema?.required?.toSorted()).toEqual(['customer_id', 'items']);
    expect(schema?.properties).toMatchObject({
      customer_id: { format: 'uuid' },
      shipping: { default: 'standard' },
    });
    expect(text).toContain('"How many"');
    expect(text).toContain('"quantity"');
    expect(text).toContain('"minimum":1');
  });

  // Differs: no type is added where none is known, so unions and null stay.
  // Cleaning, single types and generated examples are unit-tested in lib/schema.
});
