import {
  Module,
  RequestMethod,
  ValidationPipe,
  VersioningType,
  type VersioningOptions,
} from '@nestjs/common';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { McpModule } from '../../lib/index.js';
import {
  BuildingsModule,
  routingControllers,
} from '../fixtures/calls/routing.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';

const versionings: readonly {
  readonly kind: string;
  readonly options: VersioningOptions;
  readonly url: (version: string, path: string) => string;
}[] = [
  {
    kind: 'URI',
    options: { type: VersioningType.URI },
    url: (version, path) => `/api/v${version}${path}`,
  },
  {
    kind: 'header',
    options: { type: VersioningType.HEADER, header: 'X-Api-Version' },
    url: (_, path) => `/api${path}`,
  },
  {
    kind: 'media type',
    options: { type: VersioningType.MEDIA_TYPE, key: 'v=' },
    url: (_, path) => `/api${path}`,
  },
];

@Module({
  imports: [McpModule.forRoot({ name: 'routing' }), BuildingsModule],
  controllers: routingControllers,
})
class RoutingModule {}

describe.each(ADAPTERS)('routes of every kind on %s', (adapter) => {
  describe.each(versionings)('with $kind versioning', (versioning) => {
    let booted: BootedApp;
    let endpoint: string;
    const call = async (name: string, args = {}): Promise<unknown> => {
      const result = await callTool(endpoint, name, args);
      expect({ name, error: result.isError && result.text }).toEqual({
        name,
        error: false,
      });
      return result.structuredContent;
    };

    beforeAll(async () => {
      booted = await bootApp(RoutingModule, adapter, {
        configure: (app) => {
          app.setGlobalPrefix('api', {
            exclude: [{ path: 'health', method: RequestMethod.GET }],
          });
          app.enableVersioning(versioning.options);
          app.useGlobalPipes(new ValidationPipe({ transform: true }));
        },
      });
      endpoint = `${booted.url}/api/mcp`;
    });
    afterAll(() => booted?.close());

    it('calls each version of a route by its own tool', async () => {
      expect(await call('cats_find_one_v1', { id: 'tom' })).toEqual({
        id: 'tom',
        served: 'first',
        url: versioning.url('1', '/cats/tom'),
      });
      expect(await call('cats_find_one_v2', { id: 'tom' })).toEqual({
        id: 'tom',
        served: 'second',
        url: versioning.url('2', '/cats/tom'),
      });
    });

    it('sends a header argument beside the version', async () => {
      expect(
        await call('cats_toys_v2', { id: 'tom', 'x-mode': 'wild' }),
      ).toEqual({ id: 'tom', toys: [], mode: 'wild' });
    });

    it('applies the global prefix, and its exclusions', async () => {
      expect(await call('status_read')).toEqual({ url: '/api/status' });
      expect(await call('health_check')).toEqual({ url: '/health' });
    });

    it('takes the first of several paths, or the one that is named', async () => {
      expect(await call('many_paths_first')).toEqual({ url: '/api/alpha/one' });
      expect(await call('many_paths_chosen')).toEqual({
        url: '/api/beta/four',
      });
    });

    it('sends the method that is named for a route of all methods', async () => {
      expect(await call('many_paths_any')).toEqual({ method: 'PUT' });
    });

    it('calls inherited and overridden handlers on their own controller', async () => {
      expect(await call('roses_list')).toEqual({ kind: 'rose', page: null });
      expect(await call('roses_find_one', { id: '1' })).toEqual({
        kind: 'rose',
        id: '1',
      });
      expect(await call('tulips_list')).toEqual({ kind: 'tulip', page: null });
      expect(await call('tulips_find_one', { id: '1' })).toEqual({
        kind: 'own tulip',
        id: '1',
      });
    });

    it('fills the parameters of a RouterModule path', async () => {
      expect(
        await call('desks_find_one', { building: 'north', desk: '7' }),
      ).toEqual({ building: 'north', desk: '7' });
    });
  });

  describe('with arguments that clash, recurse or try to leave the route', () => {
    let booted: BootedApp;
    let endpoint: string;

    beforeAll(async () => {
      booted = await bootApp(RoutingModule, adapter, {
        configure: (app) => {
          app.setGlobalPrefix('api');
          app.enableVersioning({ type: VersioningType.URI });
          app.useGlobalPipes(new ValidationPipe({ transform: true }));
        },
      });
      endpoint = `${booted.url}/api/mcp`;
    });
    afterAll(() => booted?.close());

    it('renames an argument that clashes, and loses none', async () => {
      const [tool] = (await listTools(endpoint)).filter(
        ({ name }) => name === 'shapes_rename',
      );
      const names = Object.keys(tool?.inputSchema.properties ?? {});
      expect(names).toHaveLength(5);
      expect(names).toEqual(
        expect.arrayContaining(['id', 'page', 'body_id', 'body_page']),
      );
      const queryId = names.find(
        (name) => !['id', 'page', 'body_id', 'body_page'].includes(name),
      );
      const result = await callTool(endpoint, 'shapes_rename', {
        id: 'in path',
        page: 'in query',
        body_id: 'in body',
        body_page: 'page in body',
        [String(queryId)]: 'id in query',
      });
      expect(result.structuredContent).toEqual({
        path: { id: 'in path' },
        query: { id: 'id in query', page: 'in query' },
        body: { id: 'in body', page: 'page in body' },
      });
      // A bare @Query() may be absent over HTTP, so it may be here.
      expect(tool?.inputSchema.required?.toSorted()).toEqual([
        'body_id',
        'body_page',
        'id',
      ]);
    });

    it('takes a recursive body to any depth', async () => {
      const thread = {
        text: '0',
        replies: [{ text: '1', replies: [{ text: '2', replies: [] }] }],
      };
      const result = await callTool(endpoint, 'shapes_thread', thread);
      expect(result.structuredContent).toEqual(thread);
    });

    it('refuses a recursive body that is wrong deep inside', async () => {
      const result = await callTool(endpoint, 'shapes_thread', {
        text: '0',
        replies: [{ text: '1', replies: [{ text: 2 }] }],
      });
      expect(result.isError).toBe(true);
      expect(result.text).toContain('text');
    });

    it('advertises schemas that Ajv takes in strict mode', async () => {
      for (const tool of await listTools(endpoint)) {
        const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
        formats.default(ajv);
        expect(tool.inputSchema['type']).toBe('object');
        expect(() => ajv.compile(tool.inputSchema)).not.toThrow();
      }
    });

    it('advertises a closed object for a route without parameters', async () => {
      const tool = (await listTools(endpoint)).find(
        ({ name }) => name === 'shapes_files',
      );
      expect(tool?.inputSchema).toEqual({
        type: 'object',
        additionalProperties: false,
      });
    });

    it.each([
      'a/b',
      '/etc/passwd',
      'a?x=1',
      'a#b',
      '%2e%2e',
      '%2f',
      '%',
      '..%2f..',
      '../..',
      '../files',
      'a\\b',
      'a b+c',
      'ü漢🙂',
      ';x=1',
      ':name',
      '*',
      '...',
    ])('hands the path value %j to the route unchanged', async (name) => {
      const result = await callTool(endpoint, 'shapes_file', { name });
      const seen = result.structuredContent as { name: string; url: string };
      expect(seen.name).toBe(name);
      const segments = seen.url.split('/').map(decodeURIComponent);
      expect(segments).toEqual(['', 'api', 'shapes', 'files', name, 'info']);
    });

    it.each(['', '.', '..'])('refuses the path value %j', async (name) => {
      for (const tool of ['shapes_file', 'shapes_one_file']) {
        const result = await callTool(endpoint, tool, { name });
        expect(result.isError).toBe(true);
        expect(result.text).toContain('name');
      }
    });
  });
});
