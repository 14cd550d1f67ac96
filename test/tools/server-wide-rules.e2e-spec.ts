import {
  Controller,
  Delete,
  Get,
  Injectable,
  Module,
  Param,
} from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  McpModule,
  type McpModuleOptions,
  McpTool,
  type ToolContext,
} from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp } from '../support/boot-app.js';
import { listTools } from '../support/call-tool.js';

@Controller('cats')
@ApiTags('pets')
class CatsController {
  @Get(':id')
  @ApiOperation({ summary: 'One cat' })
  find(@Param('id') id: string): string {
    return id;
  }

  @Delete(':id')
  @McpTool({
    description: 'Own words',
    annotations: { destructiveHint: false },
  })
  remove(@Param('id') id: string): string {
    return id;
  }

  @Get()
  all(): string[] {
    return [];
  }
}

@Injectable()
class Tools {
  @McpTool({ name: 'add' })
  add(): string {
    return '';
  }
}

const appOf = (options: McpModuleOptions) => {
  @Module({
    imports: [McpModule.forRoot({ auth: false, expose: 'all', ...options })],
    controllers: [CatsController],
    providers: [Tools],
  })
  class App {}
  return App;
};

describe.each(ADAPTERS)('functions for all tools on %s', (adapter) => {
  it('describe and mark tools, above what is derived and below @McpTool()', async () => {
    const asked: ToolContext[] = [];
    const booted = await bootApp(
      appOf({
        toolDescription: (context) => {
          asked.push(context);
          return context.name === 'cats_all'
            ? undefined
            : `${context.description}!`;
        },
        toolAnnotations: ({ httpMethod }) =>
          httpMethod === 'DELETE'
            ? { destructiveHint: true, idempotentHint: false, title: 'T' }
            : httpMethod === undefined
              ? { openWorldHint: false }
              : undefined,
      }),
      adapter,
    );
    try {
      const url = `${booted.url}/mcp`;
      const tools = Object.fromEntries(
        (await listTools(url)).map((tool) => [tool.name, tool]),
      );
      expect(tools['cats_find']).toMatchObject({
        description: 'One cat!',
        annotations: { readOnlyHint: true },
      });
      expect(tools['cats_remove']).toMatchObject({
        description: 'Own words',
        annotations: {
          readOnlyHint: false,
          destructiveHint: false,
          idempotentHint: false,
          title: 'T',
        },
      });
      expect(tools['cats_all']?.description).toBe('All (GET /cats)');
      expect(tools['add']).toMatchObject({
        description: 'Tools.add!',
        annotations: { openWorldHint: false },
      });
      await listTools(url);
      expect(asked).toHaveLength(4);
      expect(asked.find(({ name }) => name === 'cats_find')).toEqual({
        name: 'cats_find',
        controller: 'CatsController',
        method: 'find',
        operationId: undefined,
        httpMethod: 'GET',
        path: '/cats/:id',
        version: undefined,
        description: 'One cat',
        tags: ['pets'],
      });
    } finally {
      await booted.close();
    }
  });

  it('leave the tools that they describe out of the summary of those without a description', async () => {
    const booted = await bootApp(
      appOf({
        toolDescription: ({ name }) =>
          name === 'add' ? 'Adds a cat' : undefined,
      }),
      adapter,
    );
    const lines = booted.logger
      .of('log')
      .filter((line) => /no description/.test(line));
    await booted.close();
    expect(lines).toEqual([
      expect.stringMatching(/^1 tool has no description: cats_all\./),
    ]);
  });

  it.each<[McpModuleOptions, RegExp]>([
    [
      { toolDescription: (() => 7) as never },
      /toolDescription returned 7 for .*Return a text, or undefined/,
    ],
    [
      { toolAnnotations: (async () => ({})) as never },
      /toolAnnotations returned a promise for .*Return annotations/,
    ],
    [
      { toolDescription: 'text' as never },
      /toolDescription is "text"\. Give a function/,
    ],
  ])('stop the application where they are none', async (options, message) => {
    await expect(bootApp(appOf(options), adapter)).rejects.toThrow(message);
  });
});
