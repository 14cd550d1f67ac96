import { Controller, Get, Module, Post, Req } from '@nestjs/common';
import { McpModule, McpTool } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';

/** What adapters alike have of a request. */
interface Seen {
  readonly method: string;
  readonly url: string;
}

const seen = ({ method, url }: Seen): unknown => ({ method, url });

@Controller('files')
class FilesController {
  @Get('*')
  read(@Req() request: Seen): unknown {
    return seen(request);
  }

  @Post('copies/*')
  @McpTool({ name: 'copy_file' })
  copy(@Req() request: Seen): unknown {
    return seen(request);
  }
}

@Controller()
class PagesController {
  @Get('*')
  page(@Req() request: Seen): unknown {
    return seen(request);
  }
}

@Module({
  imports: [McpModule.forRoot({ name: 'wildcards', expose: 'all' })],
  controllers: [FilesController, PagesController],
})
class WildcardsModule {}

const TOOLS = [
  ['files_read', 'GET', '/api/files/'],
  ['copy_file', 'POST', '/api/files/copies/'],
  ['pages_page', 'GET', '/api/'],
] as const;

describe.each(ADAPTERS)('routes with an unnamed wildcard on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;

  beforeAll(async () => {
    booted = await bootApp(WildcardsModule, adapter, {
      configure: (app) => void app.setGlobalPrefix('api'),
    });
    endpoint = `${booted.url}/api/mcp`;
  });
  afterAll(() => booted?.close());

  it('are tools with one argument for the rest of the path', async () => {
    const tools = await listTools(endpoint);
    expect(tools.map(({ name }) => name).toSorted()).toEqual(
      TOOLS.map(([name]) => name).toSorted(),
    );
    for (const { inputSchema } of tools) {
      expect(inputSchema).toEqual({
        type: 'object',
        properties: { path: { type: 'string' } },
        // Nest has Express match the path without it, too.
        ...(adapter === 'fastify' && { required: ['path'] }),
        additionalProperties: false,
      });
    }
  });

  describe.each(ERAS)('in the %s era', (era) => {
    it.each(TOOLS)(
      '%s is called at the path that it is given',
      async (name, method, base) => {
        const result = await callTool(
          endpoint,
          name,
          { path: 'a b/c?d/%2e%2e' },
          { era },
        );
        expect(result.structuredContent).toEqual({
          method,
          url: `${base}a%20b/c%3Fd/%252e%252e`,
        });
      },
    );

    it.each(['', '../mcp', 'a//b', './a'])(
      'refuses %j as the rest of the path',
      async (path) => {
        const result = await callTool(
          endpoint,
          'files_read',
          { path },
          { era },
        );
        expect(result.isError).toBe(true);
        expect(result.text).toContain('path');
      },
    );
  });
});
