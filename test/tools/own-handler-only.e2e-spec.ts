import { Controller, Get, Module, Param, VersioningType } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import express from 'express';
import { AccessToken, McpModule, McpTool } from '../../lib/index.js';
import {
  ChildController,
  middlewareTurns,
  OtherRoutesModule,
  ParentController,
  ran,
  serveBeside,
} from '../fixtures/other-routes.js';
import { ADAPTERS } from '../support/adapters.js';
import { ScriptedVerifier } from '../support/auth-verifiers.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import { ERAS, rpc } from '../support/json-rpc.js';

const NAMES_ANOTHER =
  /^The value of "\w+" names another route of the application, so nothing was run/;
const HEADERS = { authorization: 'Bearer ann' };

@Module({
  imports: [
    McpModule.forRoot({
      name: 'others',
      exclude: { tools: ['items_excluded'] },
      auth: {
        resource: 'https://api.example.com/mcp',
        authorizationServers: ['https://login.example.com'],
        verifier: new ScriptedVerifier(
          (token) =>
            new AccessToken({
              token,
              clientId: 'client',
              subject: 'ann',
              scopes: [],
              issuer: 'https://login.example.com',
            }),
        ),
      },
    }),
    OtherRoutesModule,
  ],
})
class ProtectedModule {}

@Module({
  imports: [McpModule.forRoot({ name: 'kin' })],
  controllers: [ParentController, ChildController],
})
class KinModule {}

describe.each(ADAPTERS)('the route of an operation on %s', (adapter) => {
  describe.each(ERAS)('in the %s era', (era) => {
    let booted: BootedApp;
    let endpoint: string;
    beforeAll(async () => {
      booted = await bootApp(ProtectedModule, adapter, {
        configure: (app) => {
          serveBeside(app);
          if (adapter === 'express') {
            const legacy = express.Router();
            legacy.get('/legacy', (_request, response) => {
              ran.push('legacy');
              response.send('legacy');
            });
            app.use(legacy);
            app.use(
              '/panel',
              (_request: unknown, response: express.Response) => {
                ran.push('panel');
                response.send('panel');
              },
            );
          }
        },
      });
      endpoint = `${booted.url}/mcp`;
    });
    afterAll(() => booted?.close());
    beforeEach(() => {
      ran.splice(0);
      middlewareTurns.splice(0);
    });

    const call = async (name: string, args = {}) => {
      const result = await callTool(endpoint, name, args, {
        era,
        headers: HEADERS,
      });
      // The endpoint is guarded, too.
      expect(ran.shift()).toBe('guard');
      return result;
    };

    it.each([
      ['items_remove', 'scoped'],
      ['items_remove', 'hidden'],
      ['items_remove', 'excluded'],
      ['items_remove', 'forbidden'],
      ['items_remove', 'confirmed'],
      ['items_remove', 'plain'],
      ['items_find', 'export'],
      ['scoped_one', 'me'],
      ['rebound_one', 'me'],
      ['root_root', 'health'],
      ...(adapter === 'express'
        ? [
            ['items_remove', 'PLAIN'],
            ['items_find', 'EXPORT'],
            ['root_root', 'legacy'],
            ['root_root', 'panel'],
            ['root_root', 'Panel'],
          ]
        : [['root_root', 'mcp']]),
    ])('is the only one that %s runs, not that of %s', async (name, value) => {
      const id = name === 'root_root' ? { code: value } : { id: value };
      const result = await call(name, id);
      expect(result.isError).toBe(true);
      expect(result.text).toMatch(NAMES_ANOTHER);
      expect(ran).toEqual([]);
    });

    it.each(['export', ...(adapter === 'express' ? ['EXPORT'] : [])])(
      'is the only one that a resource runs, not that of %s',
      async (value) => {
        const { response } = await rpc(
          endpoint,
          era,
          'resources/read',
          { uri: `items://${value}` },
          { headers: HEADERS },
        );
        expect(response?.error?.message).toMatch(NAMES_ANOTHER);
        expect(ran).toEqual(['guard']);
      },
    );

    it.each([
      ['items_remove', 'id', 'x', 'remove x'],
      ['items_find', 'id', 'plain', 'find plain'],
      ['scoped_one', 'id', 'you', 'one you'],
      ['bound_one', 'id', 'x', 'bound x'],
      ['rebound_one', 'id', 'x', 'rebound x'],
      ['root_root', 'code', 'fine', 'root fine'],
    ])('runs by %s with %s "%s"', async (name, argument, value, expected) => {
      const result = await call(name, { [argument]: value });
      expect(result.isError).toBe(false);
      expect(ran).toEqual(['guard', expected]);
      expect(middlewareTurns).toHaveLength(name.startsWith('items') ? 1 : 0);
    });

    it('is told of at start-up where it cannot be reached', () => {
      const warnings = booted.logger.lines
        .filter(
          ({ level, text }) => level === 'warn' && text.includes('reached'),
        )
        .map(({ text }) => text);
      expect(warnings).toEqual(
        adapter !== 'express'
          ? []
          : [
              expect.stringContaining(
                'GET /late/summary (LateController.summary) cannot be reached: ' +
                  'GET /late/:id (LateController.any) is declared before it',
              ),
            ],
      );
    });

    it('is refused where another one takes its whole URL', async () => {
      const result = await call('late_summary');
      if (adapter !== 'express') {
        expect(ran).toEqual(['guard', 'summary']);
      } else {
        expect(result.isError).toBe(true);
        expect(result.text).toContain('Another route of the application');
        expect(ran).toEqual([]);
      }
    });
  });

  it('is that of its own class, where classes share a method', async () => {
    if (adapter === 'fastify') return; // Fastify takes no path twice.
    const booted = await bootApp(KinModule, adapter);
    const call = (name: string) =>
      callTool(`${booted.url}/mcp`, name, { id: 'x' });
    expect((await call('parent_get')).structuredContent).toEqual({
      by: 'ParentController',
    });
    expect((await call('child_get')).isError).toBe(true);
    await booted.close();
  });

  it('is that of its version, which a sibling of another one does not hide', async () => {
    @Controller({ path: 'cats', version: '2' })
    class NewCatsController {
      @Get('all')
      all(): string {
        return 'all of version 2';
      }
    }
    @Controller({ path: 'cats', version: '1' })
    class CatsController {
      @McpTool()
      @Get(':id')
      one(@Param('id') id: string): object {
        return { id };
      }
    }
    @Module({
      imports: [McpModule.forRoot({ name: 'versions' })],
      controllers: [NewCatsController, CatsController],
    })
    class VersionsModule {}
    const booted = await bootApp(VersionsModule, adapter, {
      configure: (app) =>
        void app.enableVersioning({
          type: VersioningType.HEADER,
          header: 'x-version',
        }),
    });
    const result = await callTool(`${booted.url}/mcp`, 'cats_one', {
      id: 'all',
    });
    // On Node's server the sibling hides it, over HTTP as well.
    expect(result.isError).toBe(adapter === 'node');
    expect(result.structuredContent).toMatchObject(
      adapter === 'node' ? { statusCode: 404 } : { id: 'all' },
    );
    await booted.close();
  });
});

it('gets numbers that the schema of a Fastify route makes of its path', async () => {
  @Controller('numbers')
  class NumbersController {
    @McpTool()
    @RouteSchema({
      params: {
        type: 'object',
        properties: { n: { type: 'integer' }, on: { type: 'boolean' } },
      },
    })
    @Get(':n/:on')
    read(@Param('n') n: unknown, @Param('on') on: unknown): object {
      return { n, on };
    }
  }
  @Module({
    imports: [McpModule.forRoot({ name: 'numbers' })],
    controllers: [NumbersController],
  })
  class NumbersModule {}
  const booted = await bootApp(NumbersModule, 'fastify');
  const call = (n: string) =>
    callTool(`${booted.url}/mcp`, 'numbers_read', { n, on: 'true' });
  expect((await call('5')).structuredContent).toEqual({ n: 5, on: true });
  // What was checked is not what the handler would get.
  expect((await call('05')).isError).toBe(true);
  await booted.close();
});
