import { Module } from '@nestjs/common';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  McpModule,
  McpRegistry,
  type McpServerEvent,
  type McpSessionEvent,
  ServerEventBus,
} from '../../lib/index.js';
import { BooksModule, PNG, Reads, SECRET } from '../fixtures/content/books.js';
import { ask, listed, read } from '../fixtures/content/requests.js';
import { MAIN_TWO } from '../support/adapters.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { ERAS } from '../support/json-rpc.js';
import { connectClient } from '../support/sdk-client.js';

@Module({
  imports: [
    McpModule.forRoot({ name: 'books', limits: { maxResultBytes: 1000 } }),
    BooksModule,
  ],
})
class App {}

@Module({
  imports: [
    McpModule.forRoot({ name: 'books', limits: { pageSize: 3 } }),
    BooksModule,
  ],
})
class PagedApp {}

const key = { headers: { authorization: 'Bearer key' } };
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;

describe.each(MAIN_TWO)('resources on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;
  let reads: Reads;

  beforeAll(async () => {
    booted = await bootApp(App, adapter, UNHELD);
    endpoint = `${booted.url}/mcp`;
    reads = booted.app.get(Reads, { strict: false });
  });
  beforeEach(() => void reads.ran.splice(0));
  afterAll(() => booted?.close());

  describe.each(ERAS)('in the %s era', (era) => {
    it('lists fixed URIs with all that is known of them (MCP, Resources)', async () => {
      const { entries } = await listed(endpoint, 'resources', {}, { era });
      expect(entries.map(({ uri }) => uri)).toEqual([
        'books://asking',
        'books://by/ada/latest',
        'books://cover',
        'books://data',
        'books://file',
        'books://guarded',
        'books://handbook',
        'books://slow',
        'books://view',
      ]);
      expect(entries.find(({ uri }) => uri === 'books://handbook')).toEqual({
        uri: 'books://handbook',
        name: 'book_handbook',
        title: 'The handbook',
        description: 'All there is to know',
        annotations: { audience: ['user'], priority: 1 },
        icons: [{ src: 'https://example.com/book.png' }],
        size: 11,
        _meta: { 'example.com/shelf': 3 },
      });
    });

    it('lists templates apart (MCP, Resources)', async () => {
      const { entries } = await listed(
        endpoint,
        'resources/templates',
        {},
        { era },
      );
      expect(entries).toContainEqual({
        uriTemplate: 'shelves://{id}{?lang}',
        name: 'shelves_find',
        mimeType: 'application/json',
      });
      expect(entries.map(({ uriTemplate }) => uriTemplate)).not.toContain(
        'books://handbook',
      );
    });

    it('reads text as text', async () => {
      expect(await read(endpoint, 'books://handbook', { era })).toEqual([
        {
          uri: 'books://handbook',
          mimeType: 'text/plain',
          text: 'Read it all',
        },
      ]);
    });

    it.each([
      ['a Buffer', 'books://cover', 'image/png', PNG],
      [
        'a view of bytes',
        'books://view',
        'application/octet-stream',
        PNG.subarray(4, 8),
      ],
      [
        'a StreamableFile, by its own type,',
        'books://file',
        'application/pdf',
        PNG,
      ],
    ])(
      'reads %s as base64 (MCP, Resources, "Binary Content")',
      async (_, uri, mimeType, bytes) => {
        expect(await read(endpoint, uri, { era })).toEqual([
          { uri, mimeType, blob: bytes.toString('base64') },
        ]);
      },
    );

    it('reads an object as JSON', async () => {
      expect(await read(endpoint, 'books://data', { era })).toEqual([
        {
          uri: 'books://data',
          mimeType: 'application/json',
          text: '{"pages":12,"published":"1970-01-01T00:00:00.000Z"}',
        },
      ]);
    });

    it('takes contents as they were written, with the URI that was asked for', async () => {
      const blob = PNG.toString('base64');
      const other = { uri: 'books://other', mimeType: 'image/png', blob };
      const one = (form: string) => ({
        uri: `books://written/${form}`,
        mimeType: 'text/csv',
        text: 'a,b',
      });
      const written = (form: string) =>
        read(endpoint, `books://written/${form}`, { era });
      expect(await written('one')).toEqual([one('one')]);
      expect(await written('array')).toEqual([one('array'), other]);
      expect(await written('contents')).toEqual([one('contents'), other]);
    });

    it.each([
      'books://unknown',
      'books://hidden',
      'books://missing/undefined',
      'books://missing/null',
      'books://missing/empty',
      'books://missing/thrown',
      'shelves://404',
      'shelves://204',
      'no URI at all',
      'books://by/%ZZ/title',
    ])(
      'answers a missing resource with -32602 and its URI (MCP, Resources, "Error Handling"): %s',
      async (uri) => {
        const { result, error } = await ask(
          endpoint,
          'resources/read',
          { uri },
          { era, ...key },
        );
        expect(result).toBeUndefined();
        expect(error).toEqual({
          code: INVALID_PARAMS,
          message: `Resource not found: ${uri}`,
          data: { uri },
        });
      },
    );

    it.each([
      [
        'a McpError tells its message',
        'told',
        INVALID_PARAMS,
        'The book is lent',
      ],
      [
        'a refusal tells its own',
        'refused',
        INVALID_PARAMS,
        '400 Bad Request: The shelf is locked',
      ],
      [
        'so does a 403',
        'forbidden',
        INVALID_PARAMS,
        '403 Forbidden: Not for you',
      ],
      ['a 502 is masked', 'broken', INTERNAL_ERROR, 'Internal error'],
      ['any other error is masked', 'crash', INTERNAL_ERROR, 'Internal error'],
      [
        'too much text is refused',
        'large',
        INTERNAL_ERROR,
        'The result is larger than 1000 bytes.',
      ],
      [
        'so are too many bytes',
        'largeBinary',
        INTERNAL_ERROR,
        'The result is larger than 1000 bytes.',
      ],
    ])(
      '%s (MCP, Resources, "Error Handling")',
      async (_, how, code, message) => {
        const { error } = await ask(
          endpoint,
          'resources/read',
          { uri: `books://failing/${how}` },
          { era },
        );
        expect(error).toEqual({ code, message });
      },
    );

    it('tells the log alone what is masked (MCP, Resources, "Error Handling")', async () => {
      booted.logger.lines.splice(0);
      await ask(
        endpoint,
        'resources/read',
        { uri: 'books://failing/crash' },
        { era },
      );
      expect(booted.logger.of('error').join('\n')).toContain(SECRET);
    });

    it('gives up after the timeout', async () => {
      const { error } = await ask(
        endpoint,
        'resources/read',
        { uri: 'books://slow' },
        { era },
      );
      expect(error).toEqual({
        code: INTERNAL_ERROR,
        message: 'The call timed out after 50 ms.',
      });
    });

    it('hands the variables of a template over decoded, and the context', async () => {
      const uri = 'books://by/Jos%C3%A9%20P/a%2Fb?edition=2%261';
      const [content] = await read(endpoint, uri, { era });
      expect(JSON.parse(content?.text ?? '')).toEqual({
        args: { author: 'José P', title: 'a/b', edition: '2&1' },
        kind: 'resource',
        name: uri,
      });
    });

    it('prefers a URI to templates, and the template with more that is fixed', async () => {
      const text = async (uri: string) =>
        (await read(endpoint, uri, { era }))[0]?.text;
      expect(await text('books://by/ada/latest')).toBe('Notes');
      expect(await text('books://by/bob/latest')).toBe('Latest of bob');
      expect(await text('books://by/bob/first')).toContain('"title":"first"');
      expect(await text('books://path/a/b%20c')).toBe('{"path":"a/b c"}');
    });

    it('validates variables by the class of the first parameter, and reads numbers', async () => {
      const [content] = await read(endpoint, 'books://chapters/3?upper=true', {
        era,
      });
      expect(JSON.parse(content?.text ?? '')).toEqual({
        number: 3,
        upper: true,
      });
      reads.ran.splice(0);
      for (const uri of ['books://chapters/0', 'books://chapters/three']) {
        const { error } = await ask(
          endpoint,
          'resources/read',
          { uri },
          { era },
        );
        expect(error?.code).toBe(INVALID_PARAMS);
        expect(error?.message).toContain('number');
      }
      expect(reads.ran).toEqual([]);
    });

    it('runs the guards of the method (MCP, Resources, "Security Considerations")', async () => {
      const uri = 'books://guarded';
      const { error } = await ask(endpoint, 'resources/read', { uri }, { era });
      expect(error?.message).toContain('403');
      expect(reads.ran).toEqual([]);
      expect(await read(endpoint, uri, { era, ...key })).toMatchObject([
        { text: 'Open' },
      ]);
    });

    it('reads a GET route through its guards and pipes (MCP, Resources, "Security Considerations")', async () => {
      expect(
        await read(endpoint, 'shelves://7?lang=pt', { era, ...key }),
      ).toEqual([
        {
          uri: 'shelves://7?lang=pt',
          mimeType: 'application/json',
          text: '{"id":7,"lang":"pt"}',
        },
      ]);
      expect(reads.ran).toEqual([7]);
      const refused = await ask(
        endpoint,
        'resources/read',
        { uri: 'shelves://7' },
        { era },
      );
      expect(refused.error?.message).toContain('403');
      const piped = await ask(
        endpoint,
        'resources/read',
        { uri: 'shelves://seven' },
        { era, ...key },
      );
      expect(piped.error?.code).toBe(INVALID_PARAMS);
      expect(reads.ran).toEqual([7]);
    });

    it('reads what a route answers by its Content-Type', async () => {
      expect(
        await read(endpoint, 'shelves://7/label', { era, ...key }),
      ).toEqual([
        {
          uri: 'shelves://7/label',
          mimeType: 'text/markdown',
          text: '# Shelf 7',
        },
      ]);
      expect(
        await read(endpoint, 'shelves://7/photo', { era, ...key }),
      ).toEqual([
        {
          uri: 'shelves://7/photo',
          mimeType: 'image/png',
          blob: PNG.toString('base64'),
        },
      ]);
    });

    it('masks the failure of a route (MCP, Resources, "Error Handling")', async () => {
      const { error } = await ask(
        endpoint,
        'resources/read',
        { uri: 'shelves://500' },
        { era, ...key },
      );
      expect(error).toEqual({
        code: INTERNAL_ERROR,
        message: 'Internal error',
      });
    });

    it('declares the capability (MCP, Resources)', async () => {
      const { result } = await ask(
        endpoint,
        era === 'modern' ? 'server/discover' : 'initialize',
        era === 'modern'
          ? {}
          : {
              protocolVersion: '2025-11-25',
              capabilities: {},
              clientInfo: { name: 'raw', version: '1' },
            },
        { era },
      );
      expect(result?.['capabilities']).toHaveProperty('resources');
      expect(result?.['capabilities']).not.toHaveProperty('prompts');
    });
  });

  it('never lets a variable climb out of the path of a route', async () => {
    const [content] = await read(
      endpoint,
      'shelves://..%2F..%2Fmcp/label',
      key,
    );
    expect(content?.text).toBe('# Shelf ../../mcp');
    const dots = await ask(
      endpoint,
      'resources/read',
      { uri: 'shelves://../label' },
      key,
    );
    expect(dots.error?.code).toBe(INVALID_PARAMS);
  });

  it('says how long a content may be kept (MCP 2026-07-28, Caching)', async () => {
    const hints = async (uri: string) =>
      (await ask(endpoint, 'resources/read', { uri })).result;
    expect(await hints('books://handbook')).toMatchObject({
      ttlMs: 60_000,
      cacheScope: 'public',
    });
    expect(await hints('books://cover')).toMatchObject({
      ttlMs: 0,
      cacheScope: 'private',
    });
    const legacy = await ask(
      endpoint,
      'resources/read',
      { uri: 'books://handbook' },
      { era: 'legacy' },
    );
    expect(legacy.result).not.toHaveProperty('ttlMs');
  });

  it('asks the person in the 2026 era by running again', async () => {
    const client = await connectClient(endpoint, 'modern');
    await client.close();
    const { result } = await ask(
      endpoint,
      'resources/read',
      { uri: 'books://asking' },
      {
        meta: {
          'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
        },
      },
    );
    expect(result?.['resultType']).toBe('input_required');
    expect(result?.['inputRequests']).toHaveProperty('shelf');
    const again = await ask(
      endpoint,
      'resources/read',
      {
        uri: 'books://asking',
        requestState: result?.['requestState'],
        inputResponses: {
          shelf: { action: 'accept', content: { shelf: 'B' } },
        },
      },
      {
        meta: {
          'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
        },
      },
    );
    expect(again.result?.['contents']).toMatchObject([{ text: 'Shelf B' }]);
  });

  it('are known to McpRegistry', () => {
    const registry = booted.app.get(McpRegistry, { strict: false });
    expect(registry.resources.map(({ uri }) => uri)).toContain(
      'books://handbook',
    );
    expect(
      registry.resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    ).toContain('shelves://{id}/label');
  });

  it.each(ERAS)('are read by the v2 client (%s)', async (era) => {
    const client = await connectClient(endpoint, era, key.headers);
    const { resources } = await client.listResources();
    expect(resources.length).toBe(9);
    const { contents } = await client.readResource({ uri: 'shelves://7' });
    expect(contents).toMatchObject([{ text: '{"id":7}' }]);
    await expect(
      client.readResource({ uri: 'books://unknown' }),
    ).rejects.toMatchObject({ code: INVALID_PARAMS });
    await client.close();
  });

  it('are read by the v1 client', async () => {
    const client = new V1Client({ name: 'v1', version: '1.0.0' });
    await client.connect(new V1Transport(new URL(endpoint)) as never);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.length).toBeGreaterThan(5);
    const { contents } = await client.readResource({ uri: 'books://cover' });
    expect(contents).toMatchObject([{ blob: PNG.toString('base64') }]);
    await client.close();
  });
});

describe.each(MAIN_TWO)('pages of resources on %s', (adapter) => {
  let booted: BootedApp;
  beforeAll(async () => {
    booted = await bootApp(PagedApp, adapter);
  });
  afterAll(() => booted?.close());

  describe.each(ERAS)('in the %s era', (era) => {
    it.each(['resources', 'resources/templates'] as const)(
      'of %s follow each other by cursor and have each entry once (MCP, Pagination)',
      async (kind) => {
        const endpoint = `${booted.url}/mcp`;
        const uris: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await listed(
            endpoint,
            kind,
            cursor === undefined ? {} : { cursor },
            { era },
          );
          expect(page.entries.length).toBeLessThanOrEqual(3);
          uris.push(
            ...page.entries.map(({ uri, uriTemplate }) =>
              String(uri ?? uriTemplate),
            ),
          );
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        expect(uris.length).toBeGreaterThan(6);
        expect(new Set(uris).size).toBe(uris.length);
        expect(
          uris.every(
            (uri, index) => index === 0 || uri > (uris[index - 1] ?? ''),
          ),
        ).toBe(true);
      },
    );

    it.each(['resources', 'resources/templates'])(
      'of %s refuse a cursor that is none (MCP, Pagination)',
      async (kind) => {
        const { error } = await ask(
          `${booted.url}/mcp`,
          `${kind}/list`,
          { cursor: 'bogus' },
          { era },
        );
        expect(error?.code).toBe(INVALID_PARAMS);
      },
    );
  });
});

describe('a change of the lists', () => {
  it('is published with the URIs and names that have come or gone', async () => {
    const published: (McpServerEvent | McpSessionEvent)[] = [];
    const bus: ServerEventBus = {
      publish: (event) => void published.push(event),
      subscribe: () => () => undefined,
    };
    @Module({
      imports: [McpModule.forRoot({ name: 'books' }), BooksModule],
      providers: [{ provide: ServerEventBus, useValue: bus }],
    })
    class Announced {}
    const { app, close } = await bootApp(Announced, 'express');
    const registry = app.get(McpRegistry, { strict: false });
    expect(published).toEqual([]);
    const uri = 'books://new/{id}';
    await registry.register({ kind: 'resource', uri, handler: () => 'new' });
    expect(registry.resourceTemplates).toContainEqual(
      expect.objectContaining({ uriTemplate: uri }),
    );
    for (const twin of [
      { uri: 'books://new/{other}' },
      { uri: 'books://other', name: 'book_cover' },
    ]) {
      await expect(
        registry.register({ ...twin, kind: 'resource', handler: () => 'x' }),
      ).rejects.toThrow('cannot be told');
    }
    registry.remove(uri, 'resource');
    await registry.register({ kind: 'prompt', name: 'p', handler: () => 'x' });
    await close();
    expect(
      (published as McpServerEvent[]).map(({ kind, names }) => [kind, names]),
    ).toEqual([
      ['resources_list_changed', [uri]],
      ['resources_list_changed', [uri]],
      ['prompts_list_changed', ['p']],
    ]);
  });

  it('is none where the application is read again as it was', async () => {
    const { app, close } = await bootApp(App, 'express');
    const registry = app.get(McpRegistry, { strict: false });
    const before = registry.resources;
    await registry.refresh();
    expect(registry.resources).toEqual(before);
    await close();
  });
});
