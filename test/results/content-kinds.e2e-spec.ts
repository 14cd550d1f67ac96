import multipart from '@fastify/multipart';
import { Module } from '@nestjs/common';
import { McpModule } from '../../lib/index.js';
import { BYTES, ContentModule } from '../fixtures/calls/content.js';
import {
  digest,
  FastifyUploadModule,
  MulterModule,
} from '../fixtures/calls/uploads.js';
import { MAIN_TWO, isFastify } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';
import { ERAS, rpc } from '../support/json-rpc.js';

@Module({
  imports: [
    McpModule.forRoot({ name: 'content', limits: { maxResultBytes: 20_000 } }),
    ContentModule,
  ],
})
class ContentApp {}

@Module({ imports: [McpModule.forRoot({ name: 'multer' }), MulterModule] })
class MulterApp {}

@Module({
  imports: [McpModule.forRoot({ name: 'fastify' }), FastifyUploadModule],
})
class FastifyApp {}

const BASE64 = BYTES.toString('base64');

describe.each(MAIN_TWO)('content of every kind on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;

  beforeAll(async () => {
    booted = await bootApp(ContentApp, adapter);
    endpoint = `${booted.url}/mcp`;
  });
  afterAll(() => booted?.close());

  it.each([
    ['pdf', 'application/pdf'],
    ['stream', 'application/octet-stream'],
  ])('embeds %s as a resource', async (name, mimeType) => {
    const result = await callTool(endpoint, `content_${name}`);
    const [block] = result.content.filter(({ type }) => type === 'resource');
    expect(result.isError).toBe(false);
    expect(block?.resource?.blob).toBe(BASE64);
    expect(block?.resource?.mimeType).toBe(mimeType);
    expect(URL.canParse(block?.resource?.uri ?? '')).toBe(true);
  });

  it.each([
    ['image', 'image/png'],
    ['audio', 'audio/mpeg'],
  ])('sends %s as content of its own kind', async (kind, mimeType) => {
    const result = await callTool(endpoint, `content_${kind}`);
    expect(result.content).toContainEqual(
      expect.objectContaining({ type: kind, data: BASE64, mimeType }),
    );
  });

  it('sends text as text', async () => {
    const result = await callTool(endpoint, 'content_csv');
    expect(result.text).toBe('name;ä\nAda;1');
    expect(result.structuredContent).toBeUndefined();
  });

  it.each([
    ['json_text', { written: 'by hand' }],
    ['vendor_json', { data: [] }],
    ['raw', { raw: true }],
    ['observable', { step: 3 }],
  ])('reads %s as JSON', async (name, expected) => {
    const result = await callTool(endpoint, `content_${name}`);
    expect(result.structuredContent).toEqual(expected);
    expect(JSON.parse(result.text)).toEqual(expected);
  });

  it.each(['number', 'boolean', 'text', 'array'])(
    'gives a %s as its HTTP text',
    async (kind) => {
      const http = await fetch(`${booted.url}/content/scalar/${kind}`);
      for (const era of ERAS) {
        const result = await callTool(
          endpoint,
          'content_scalar',
          { kind },
          { era },
        );
        expect(result.isError).toBe(false);
        expect(result.text).toBe(await http.clone().text());
      }
    },
  );

  it('answers 204 with nothing', async () => {
    const result = await callTool(endpoint, 'content_empty');
    expect(result.isError).toBe(false);
    expect(result.text).toBe('');
    expect(result.structuredContent).toBeUndefined();
  });

  it('reports a redirect with its location, and does not follow it', async () => {
    const result = await callTool(endpoint, 'content_moved');
    expect(result.text).toContain('302');
    expect(result.text).toContain('https://example.com/elsewhere?x=1');
  });

  it('cuts JSON that is too large between elements, and says so', async () => {
    const result = await callTool(endpoint, 'content_large', { count: 2000 });
    expect(result.isError).toBe(false);
    expect(Buffer.byteLength(JSON.stringify(result.content))).toBeLessThan(
      30_000,
    );
    expect(result.text).toMatch(/2000|cut|truncated|too large/i);
    const kept = result.structuredContent ?? [];
    for (const element of Object.values(kept).flat()) {
      if (typeof element === 'object' && element !== null && 'id' in element) {
        expect(element).toEqual({ id: element.id, text: 'ä'.repeat(50) });
      }
    }
  });

  it('leaves JSON below the limit whole', async () => {
    const result = await callTool(endpoint, 'content_large', { count: 20 });
    expect(result.structuredContent).toHaveLength(20);
  });

  it('refuses binary content that is too large', async () => {
    const result = await callTool(endpoint, 'content_large_binary');
    expect(result.isError).toBe(true);
    expect(result.content.every(({ type }) => type === 'text')).toBe(true);
    expect(result.text).toMatch(/20000|20,000|too large/i);
  });

  it.each(ERAS)(
    'reports the events of an SSE route as progress (%s)',
    async (era) => {
      const answer = await rpc(
        endpoint,
        era,
        'tools/call',
        { name: 'content_ticks', arguments: { count: '4' } },
        { meta: { progressToken: 'p1' } },
      );
      const progress = answer.messages
        .filter(({ method }) => method === 'notifications/progress')
        .map(({ params }) => params ?? {});
      expect(progress.length).toBeGreaterThanOrEqual(3);
      expect(progress.every((p) => p['progressToken'] === 'p1')).toBe(true);
      const values = progress.map((p) => p['progress'] as number);
      expect(values).toEqual([...new Set(values)].toSorted((a, b) => a - b));
      const text = JSON.stringify(answer.response?.result);
      for (const tick of [0, 1, 2, 3]) {
        expect(text).toMatch(new RegExp(`tick\\D{1,6}${tick}`));
      }
    },
  );

  it.each(ERAS)(
    'reports what a route declared to return an Observable emits (%s), and gives its last value as over HTTP',
    async (era) => {
      const answer = await rpc(
        endpoint,
        era,
        'tools/call',
        { name: 'content_observable', arguments: {} },
        { meta: { progressToken: 'p2' } },
      );
      const messages = answer.messages.flatMap(({ method, params }) =>
        method === 'notifications/progress' ? [params?.['message']] : [],
      );
      expect(messages).toEqual(['{"step":1}', '{"step":2}', '{"step":3}']);
      expect(answer.response?.result?.['structuredContent']).toEqual({
        step: 3,
      });
    },
  );

  it('collects the events of an SSE route without a progress token', async () => {
    const answer = await rpc(endpoint, 'modern', 'tools/call', {
      name: 'content_words',
      arguments: {},
    });
    expect(answer.messages).toHaveLength(1);
    const text = JSON.stringify(answer.response?.result);
    expect(text).toContain('first');
    expect(text).toContain('second');
  });

  it('sends a form as one', async () => {
    const result = await callTool(endpoint, 'content_form', {
      name: 'Ada & Söhne = 100 % +1',
      age: 36,
    });
    expect(result.structuredContent).toEqual({
      name: 'Ada & Söhne = 100 % +1',
      age: '36',
    });
  });
});

describe('uploads with multer on express', () => {
  const file = { name: 'cat ä.png', mimeType: 'image/png', data: BASE64 };
  const received = {
    type: 'image/png',
    sha256: digest(BYTES),
  };
  let booted: BootedApp;
  let endpoint: string;

  beforeAll(async () => {
    booted = await bootApp(MulterApp, 'express');
    endpoint = `${booted.url}/mcp`;
  });
  afterAll(() => booted?.close());

  it('advertises a file as an object of name, media type and base64', async () => {
    const tool = (await listTools(endpoint)).find(
      ({ name }) => name === 'multer_one',
    );
    const properties = tool?.inputSchema.properties ?? {};
    expect(Object.keys(properties).toSorted()).toEqual(['file', 'title']);
    expect(JSON.stringify(tool?.inputSchema)).toContain('"mimeType"');
    expect(tool?.inputSchema.required).toEqual(
      expect.arrayContaining(['file', 'title']),
    );
  });

  it('uploads a file beside a field', async () => {
    const result = await callTool(endpoint, 'multer_one', {
      title: 'Tom & Söhne',
      file: { ...file, name: 'cat.png' },
    });
    expect(result.structuredContent).toEqual({
      title: 'Tom & Söhne',
      file: { name: 'cat.png', ...received },
    });
  });

  it('uploads a file that only an interceptor names', async () => {
    const result = await callTool(endpoint, 'multer_undocumented', {
      picture: { ...file, name: 'cat.png' },
    });
    expect(result.structuredContent).toEqual({
      file: { name: 'cat.png', ...received },
    });
  });

  it('uploads several files', async () => {
    const result = await callTool(endpoint, 'multer_many', {
      files: [
        { ...file, name: 'a.png' },
        { ...file, name: 'b.png' },
      ],
    });
    expect(result.structuredContent).toEqual({
      files: [
        { name: 'a.png', ...received },
        { name: 'b.png', ...received },
      ],
    });
  });

  it('refuses data that is no base64', async () => {
    const result = await callTool(endpoint, 'multer_one', {
      title: 'x',
      file: { ...file, data: 'not base64!' },
    });
    expect(result.isError).toBe(true);
    expect(result.text).toContain('file');
  });

  it('refuses a file above the limit of the route', async () => {
    const result = await callTool(endpoint, 'multer_one', {
      title: 'x',
      file: { ...file, data: Buffer.alloc(2000).toString('base64') },
    });
    expect(result.isError).toBe(true);
    expect(result.text).toContain('413');
  });
});

describe('uploads with @fastify/multipart on fastify', () => {
  let booted: BootedApp;

  beforeAll(async () => {
    booted = await bootApp(FastifyApp, 'fastify', {
      configure: async (app) => {
        if (isFastify(app)) await app.register(multipart);
      },
    });
  });
  afterAll(() => booted?.close());

  it('uploads a file beside a field', async () => {
    const result = await callTool(`${booted.url}/mcp`, 'fastify_upload_one', {
      title: 'Tom & Söhne',
      file: { name: 'cat.png', mimeType: 'image/png', data: BASE64 },
    });
    expect(result.structuredContent).toEqual({
      title: 'Tom & Söhne',
      file: { name: 'cat.png', type: 'image/png', sha256: digest(BYTES) },
    });
  });
});
