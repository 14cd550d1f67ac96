import { Controller, Delete, Get, Injectable, Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import {
  McpAuthModule,
  McpModule,
  type McpModuleOptions,
  McpRegistry,
  McpTool,
  RemoteTokenVerifier,
  StaticTokenVerifier,
} from '../../lib/index.js';
import { McpAuthorizationServerModule } from '../../lib/authorization-server/index.js';
import { createMcpClient } from '../../lib/testing/index.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { bootApp } from '../support/boot-app.js';

@Controller('notes')
class NotesController {
  @Get()
  list(): string[] {
    return [];
  }

  @Delete()
  removeAll(): string {
    return 'gone';
  }
}

/** What starts the application, or says why it does not. */
const start = async (
  adapter: AdapterName,
  server: () => DynamicModule,
): Promise<string> => {
  try {
    @Module({ imports: [server()], controllers: [NotesController] })
    class NotesModule {}
    const { close } = await bootApp(NotesModule, adapter);
    await close();
  } catch (error) {
    return (error as Error).message;
  }
  return 'it starts';
};

const verifier = new StaticTokenVerifier(['token']);
const resource = 'https://api.example.com/mcp';

describe.each(ADAPTERS)('options that do not exist on %s', (adapter) => {
  const startWith = (options: object): Promise<string> =>
    start(adapter, () => McpModule.forRoot(options));
  const startWithFactory = (options: unknown): Promise<string> =>
    start(adapter, () =>
      McpModule.forRootAsync({ useFactory: () => options as object }),
    );

  it('stop the application where they are written down', async () => {
    expect(await startWith({ expose: 'all', exlude: { tools: [] } })).toBe(
      'McpModule.forRoot({ exlude }): exlude is no option. Did you mean exclude?',
    );
  });

  it('stop the application where a factory gives them', async () => {
    expect(
      await startWithFactory({ expose: 'all', exlude: { tools: [] } }),
    ).toBe(
      'The factory of McpModule.forRootAsync() gave { exlude }: exlude is no ' +
        'option. Did you mean exclude?',
    );
  });

  it('stop the application where a class makes them', async () => {
    class Made {
      name = 'made';
      auth = { resource, verifier, requiredScope: ['admin'] };
    }
    @Injectable()
    class Options {
      createMcpOptions(): McpModuleOptions {
        return new Made();
      }
    }
    expect(
      await start(adapter, () => McpModule.forRootAsync({ useClass: Options })),
    ).toBe(
      'The factory of McpModule.forRootAsync() gave { name: "made", auth: { ' +
        'requiredScope } }: requiredScope is no option. Did you mean ' +
        'requiredScopes?',
    );
  });

  it.each([
    [{ include: { tool: [] } }, '{ include: { tool } }', 'tools'],
    [{ exclude: { method: ['DELETE'] } }, '{ exclude: { method } }', 'methods'],
    [
      { auth: { verifier: { isuer: 'https://login.example.com' } } },
      '{ auth: { verifier: { isuer } } }',
      'issuer',
    ],
    [
      { auth: { verifier: { issuers: [{}, { audiance: 'x' }] } } },
      '{ auth: { verifier: { issuers: [{ audiance }] } } }',
      'audience',
    ],
    [
      { auth: { authorizationServer: { upstream: { clientID: 'x' } } } },
      '{ auth: { authorizationServer: { upstream: { clientID } } } }',
      'clientId',
    ],
    [
      { auth: { authorizationServer: { lifetimes: { acessToken: 60 } } } },
      '{ auth: { authorizationServer: { lifetimes: { acessToken } } } }',
      'accessToken',
    ],
    [
      { legacy: { sessions: { maxPerUsers: 1 } } },
      '{ legacy: { sessions: { maxPerUsers } } }',
      'maxPerUser',
    ],
    [
      { name: 'notes', path: '/notes', auth: { requireScopes: undefined } },
      '{ name: "notes", path: "/notes", auth: { requireScopes } }',
      'requiredScopes',
    ],
  ])('are found at their place: %j', async (options, place, meant) => {
    expect(await startWith(options)).toContain(`McpModule.forRoot(${place}): `);
    expect(await startWithFactory(options)).toContain(
      `The factory of McpModule.forRootAsync() gave ${place}: `,
    );
    expect(await startWith(options)).toContain(`Did you mean ${meant}`);
  });

  it('are listed where none is near', async () => {
    expect(await startWith({ exclude: { urls: [] } })).toBe(
      'McpModule.forRoot({ exclude: { urls } }): urls is no option. There are ' +
        'tools, operations, tags, controllers, modules, methods, paths.',
    );
  });

  it('are refused as what is no object is', async () => {
    expect(await startWithFactory(undefined)).toContain(
      'forRootAsync() gave undefined: Give an object of options.',
    );
    expect(await startWithFactory({ auth: null })).toContain(
      'auth is null. Give an object of options.',
    );
    expect(await startWithFactory({ exclude: ['notes_remove_all'] })).toContain(
      'exclude is a list. Give an object of options.',
    );
  });

  it('are refused as what a class inherits is, which would be lost', async () => {
    class Inherited {
      get exclude(): object {
        return { methods: ['DELETE'] };
      }
    }
    expect(await startWithFactory(new Inherited())).toContain(
      '{ exclude }: exclude is inherited from a class, or not enumerable.',
    );
  });

  it('are looked for in objects that came from JSON, or have no prototype', async () => {
    expect(
      await startWithFactory(JSON.parse('{ "__proto__": { "auth": false } }')),
    ).toContain('__proto__ is no option.');
    const bare = Object.assign(Object.create(null) as object, { pth: '/x' });
    expect(await startWithFactory(bare)).toContain('Did you mean path?');
    expect(
      await startWithFactory(Object.assign(Object.create(null), { name: 'x' })),
    ).toBe('it starts');
  });

  it('tell where they belong', async () => {
    expect(await startWithFactory({ guards: [] })).toContain(
      'guards is no option. Nest needs it earlier: give it beside the factory.',
    );
    expect(
      await start(adapter, () =>
        McpModule.forRootAsync({
          useFactory: () => ({}),
          auth: { verifier },
        } as never),
      ),
    ).toBe(
      'McpModule.forRootAsync({ auth }): auth is no option. Return it from the factory.',
    );
  });

  it('stop an application of the other modules, too', async () => {
    const options = { resource, verifier, excludePaths: ['/health'] };
    const wanted = 'excludePaths is no option. Did you mean excludedPaths?';
    expect(
      await start(adapter, () => McpAuthModule.forRoot(options)),
    ).toContain(wanted);
    expect(
      await start(adapter, () =>
        McpAuthModule.forRootAsync({ useFactory: () => options }),
      ),
    ).toBe(
      `The factory of McpAuthModule.forRootAsync() gave { excludePaths }: ${wanted}`,
    );
    const server = { resources: [resource], lifetime: {} };
    expect(
      await start(adapter, () =>
        McpAuthorizationServerModule.forRootAsync({ useFactory: () => server }),
      ),
    ).toBe(
      'The factory of McpAuthorizationServerModule.forRootAsync() gave { ' +
        'lifetime }: lifetime is no option. Did you mean lifetimes?',
    );
  });

  it('are somebody else’s in headers and metadata, and stay as they are', async () => {
    @Injectable()
    class Atlas {
      @McpTool({
        _meta: { 'com.example/kind': 'x' },
        headers: { 'x-any': '1' },
      })
      find(): string {
        return 'found';
      }
    }
    @Module({
      imports: [
        McpModule.forRoot({
          auth: {
            resource,
            verifier: new RemoteTokenVerifier({
              url: 'https://tokens.example.com',
              headers: { 'x-anything': '1' },
              audience: false,
            }),
          },
        }),
      ],
      providers: [Atlas],
    })
    class OpenModule {}
    const { close } = await bootApp(OpenModule, adapter);
    await close();
  });

  it('leave a definition that is a class its methods', async () => {
    class Rate {
      readonly name = 'rate';
      handler(): string {
        return '1.1';
      }
    }
    const { app, close } = await bootApp(McpModule.forRoot(), adapter);
    await app.get(McpRegistry).register(new Rate());
    const client = await createMcpClient(app);
    expect(await client.callTool('rate', {})).toMatchObject({
      content: [{ type: 'text', text: '1.1' }],
    });
    await client.close();
    await close();
  });
});

describe('options of decorators that do not exist', () => {
  const declare = (): Type<unknown> => {
    class AtlasController {
      @McpTool({ name: 'remove', confrim: true } as never)
      remove(): void {}
    }
    return AtlasController;
  };

  it('are refused with the method that they stand on', () => {
    expect(declare).toThrow(
      new Error(
        '@McpTool({ name: "remove", confrim }) on AtlasController.remove: ' +
          'confrim is no option. Did you mean confirm?',
      ),
    );
  });

  it('are refused with the class that they stand on', () => {
    class AtlasController {}
    expect(() => McpTool({ titel: 'Atlas' } as never)(AtlasController)).toThrow(
      '@McpTool({ titel }) on AtlasController: titel is no option.',
    );
  });
});
