import { Controller, Get, Module } from '@nestjs/common';
import { McpModule, type McpModuleOptions, McpTool } from '../../lib/index.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { freePort } from '../support/free-port.js';
import { INTEROP_CLIENTS } from '../support/interop-clients.js';
import { beginSession, NOT_FOUND, probe } from '../support/sessions.js';

@Controller('cats')
class CatsController {
  @Get()
  @McpTool()
  list(): string[] {
    return ['Tom'];
  }
}

/** What was written since. */
@Controller('dogs')
class DogsController {
  @Get()
  @McpTool()
  list(): string[] {
    return ['Rex'];
  }
}

const boot = (
  adapter: AdapterName,
  port: number,
  controllers: (new () => unknown)[],
  options: McpModuleOptions = {},
): Promise<BootedApp> => {
  @Module({
    imports: [McpModule.forRoot({ auth: false, ...options })],
    controllers,
  })
  class App {}
  return bootApp(App, adapter, { ...UNHELD, port });
};

/** The same port again, as after a save. */
const restart = async (
  first: BootedApp,
  adapter: AdapterName,
  options: McpModuleOptions = {},
): Promise<BootedApp> => {
  await first.close();
  const port = Number(new URL(first.url).port);
  return boot(adapter, port, [CatsController, DogsController], options);
};

describe.each(ADAPTERS)('a restart on %s', (adapter) => {
  const before = process.env.NODE_ENV;
  let app: BootedApp;

  const start = async (options: McpModuleOptions = {}): Promise<string> => {
    app = await boot(adapter, await freePort(), [CatsController], options);
    return `${app.url}/mcp`;
  };

  afterEach(async () => {
    process.env.NODE_ENV = before;
    await app.close();
  });

  describe.each(INTEROP_CLIENTS.filter(([name]) => /legacy|v1/.test(name)))(
    'for %s',
    (_name, connect) => {
      it.each<[string, string | undefined, McpModuleOptions]>([
        ['in development', 'development', {}],
        ['where NODE_ENV is not set', undefined, {}],
        ['without sessions', 'production', { legacy: { sessions: false } }],
      ])('goes unnoticed %s', async (_kind, environment, options) => {
        process.env.NODE_ENV = environment;
        if (environment === undefined) {
          delete process.env.NODE_ENV;
        }
        const client = await connect(await start(), {});
        app = await restart(app, adapter, options);
        expect((await client.listTools()).map(({ name }) => name)).toEqual([
          'cats_list',
          'dogs_list',
        ]);
        for (const name of ['cats_list', 'dogs_list']) {
          expect((await client.callTool(name, {})).isError).toBe(false);
        }
        const told = app.logger
          .of('log')
          .filter((line) => line.includes('a session of before the restart'));
        expect(told).toHaveLength(options.legacy ? 0 : 1);
        await client.close();
      });

      it.each<[string, string, McpModuleOptions]>([
        ['in production', 'production', {}],
        [
          'where sessions are required',
          'development',
          { legacy: { sessions: { required: true } } },
        ],
      ])('ends its session %s', async (_kind, environment, options) => {
        process.env.NODE_ENV = environment;
        const client = await connect(await start(options), {});
        app = await restart(app, adapter, options);
        await expect(client.callTool('cats_list', {})).rejects.toThrow(
          'Session not found',
        );
        await client.close();
      });
    },
  );

  it('is told from a session that was ended, or is of somebody else', async () => {
    process.env.NODE_ENV = 'development';
    const endpoint = await start();
    const ended = await beginSession(endpoint);
    await fetch(endpoint, { method: 'DELETE', headers: ended.headers });
    expect(await probe(endpoint, ended.headers)).toEqual(NOT_FOUND);
    const { id } = await beginSession(endpoint, { 'x-api-key': 'ada' });
    const others = { 'mcp-session-id': id, 'x-api-key': 'grace' };
    expect(await probe(endpoint, others)).toEqual(NOT_FOUND);
  });
});
