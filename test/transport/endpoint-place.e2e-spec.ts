import {
  All,
  Controller,
  Delete,
  Get,
  Module,
  Post,
  Req,
  type Type,
} from '@nestjs/common';
import { McpAuthModule, McpModule, McpTool } from '../../lib/index.js';
import { McpAuthorizationServerModule } from '../../lib/authorization-server/index.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { bootApp, type BootOptions } from '../support/boot-app.js';
import { listTools } from '../support/call-tool.js';

@Controller('cats')
class CatsController {
  @Get()
  @McpTool()
  list(): string[] {
    return ['Tom'];
  }
}

/** Boots an application that declares these controllers itself, and tells what it logged. */
async function logOf(
  adapter: AdapterName,
  controllers: Type[],
  imports: NonNullable<Parameters<typeof Module>[0]['imports']>,
  options: BootOptions = {},
): Promise<{ logs: string[]; warnings: string[] }> {
  @Module({ imports, controllers })
  class App {}
  const booted = await bootApp(App, adapter, options);
  await booted.close();
  return {
    logs: booted.logger.of('log'),
    warnings: booted.logger.of('warn'),
  };
}

describe.each(ADAPTERS)('start-up on %s', (adapter) => {
  it('says where the endpoint is, prefix included', async () => {
    const { logs } = await logOf(
      adapter,
      [CatsController],
      [McpModule.forRoot({ name: 'cats' })],
      { configure: (app) => void app.setGlobalPrefix('api') },
    );
    expect(logs).toContainEqual(
      expect.stringMatching(
        /^The MCP server "cats" has 1 tool at \/api\/mcp; /,
      ),
    );
  });

  @Controller()
  class CodesController {
    @Post(':code')
    save(): string {
      return 'saved';
    }
  }
  @Controller()
  class CatchAllController {
    @All('*')
    any(): string {
      return 'any';
    }
  }
  @Controller()
  class PagesController {
    @Get('*')
    page(): string {
      return 'page';
    }
  }
  @Controller()
  class RemovalsController {
    @Delete([':kind', 'all/:kind'])
    remove(): string {
      return 'removed';
    }
  }

  it.each([
    ['a root parameter', CodesController, [/^POST \/mcp .*"\/:code"/]],
    [
      'a catch-all',
      CatchAllController,
      [/^POST .*\*/, /^GET .*\*/, /^DELETE .*\*/],
    ],
    ['pages of a client', PagesController, [/^GET \/mcp .*\*/]],
    ['one of several paths', RemovalsController, [/^DELETE .*"\/:kind"/]],
  ])(
    'tells of %s that Express tries before the endpoint',
    async (_kind, controller, expected) => {
      const { warnings } = await logOf(
        adapter,
        [controller, CatsController],
        [McpModule.forRoot({ auth: false })],
      );
      const told = warnings.filter((line) =>
        line.includes('is an MCP endpoint'),
      );

      expect(told).toHaveLength(adapter === 'express' ? expected.length : 0);
      told.forEach((line, i) => expect(line).toMatch(expected[i]!));
    },
  );

  it('says nothing of patterns that come after the endpoint', async () => {
    @Module({ controllers: [CodesController, CatchAllController] })
    class LaterModule {}
    const { warnings } = await logOf(
      adapter,
      [CatsController],
      [McpModule.forRoot({ auth: false }), LaterModule],
    );
    expect(warnings.filter((line) => line.includes('before it'))).toEqual([]);
  });

  it('stops where a route of the application has the path', async () => {
    @Controller('cats')
    class Taking {
      @Post()
      add(): string {
        return 'added';
      }
    }
    await expect(
      logOf(adapter, [Taking], [McpModule.forRoot({ path: '/Cats/' })]),
    ).rejects.toThrow(
      /POST \/cats \(Taking\.add\) has the path of the MCP endpoint\. .*path/,
    );
    await expect(
      logOf(adapter, [Taking], [McpModule.forRoot({ path: '/cats' })], {
        configure: (app) => void app.setGlobalPrefix('api'),
      }),
    ).rejects.toThrow(/POST \/api\/cats .*has the path of the MCP endpoint/);
  });

  it('tells of a route of another method at the path, which Fastify does not take', async () => {
    const boot = logOf(
      adapter,
      [CatsController],
      [McpModule.forRoot({ path: '/cats', auth: false })],
    );
    const told = /GET \/cats \(CatsController\.list\) has the path/;
    if (adapter === 'fastify') {
      await expect(boot).rejects.toThrow(told);
    } else {
      expect((await boot).warnings).toContainEqual(expect.stringMatching(told));
    }
  });

  it('tells of @McpTool() on a class without routes', async () => {
    @McpTool()
    @Controller('empty')
    class EmptyController {
      list(): string[] {
        return [];
      }
    }
    const { warnings } = await logOf(
      adapter,
      [CatsController, EmptyController],
      [McpModule.forRoot({ auth: false })],
    );
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /@McpTool\(\) stands on the class EmptyController, which has no route/,
      ),
    );
  });

  it.each([McpModule, McpAuthModule, McpAuthorizationServerModule])(
    'says how $name is imported where its class stands alone',
    async (module) => {
      await expect(logOf(adapter, [CatsController], [module])).rejects.toThrow(
        `${module.name} is imported without its options. Write imports: [${module.name}.forRoot()]`,
      );
    },
  );

  it('leaves a route of another host at the path alone', async () => {
    @Controller({ path: 'mcp', host: 'other.example.com' })
    class OtherHost {
      @Post()
      add(@Req() _request: unknown): string {
        return 'added';
      }
    }
    @Module({
      imports: [McpModule.forRoot({ auth: false })],
      controllers: [CatsController, OtherHost],
    })
    class App {}
    const booting = bootApp(App, adapter);
    if (adapter === 'fastify') {
      // Its own rule: one route for a path, whatever the host.
      await expect(booting).rejects.toThrow(/already declared/);
      return;
    }
    const booted = await booting;
    expect(await listTools(`${booted.url}/mcp`)).toHaveLength(1);
    await booted.close();
  });
});
