import { jest } from '@jest/globals';
import { Controller, Delete, Get, Module } from '@nestjs/common';
import type { Provider } from '@nestjs/common';
import {
  AuthChallenge,
  EventStore,
  McpAuthGuard,
  McpAuthorize,
  McpAuthProvider,
  McpCompletion,
  McpModule,
  McpPrompt,
  McpPublic,
  McpResource,
  McpTool,
  ScopeMatcher,
  ServerEventBus,
  StaticTokenVerifier,
  TokenIssuer,
  TokenVerifier,
  ToolVisibility,
} from '../../lib/index.js';
import {
  LoginService,
  OAuthStore,
} from '../../lib/authorization-server/index.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { tryTool } from '../support/auth-calls.js';
import { bootApp } from '../support/boot-app.js';
import { toolNames } from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';
import { RecordingLogger } from '../support/recording-logger.js';

// An application is started for each value.
jest.setTimeout(60_000);

const ran: string[] = [];

@Controller('papers')
class PapersController {
  @Get('almost')
  @McpTool()
  @McpAuthorize(() => 'no, not you' as unknown as boolean)
  almost(): string {
    ran.push('almost');
    return 'read';
  }

  @Get('nested')
  @McpTool()
  @McpAuthorize(() => (() => true) as unknown as boolean)
  nested(): string {
    ran.push('nested');
    return 'read';
  }

  @Get('failing')
  @McpTool()
  @McpAuthorize(() => {
    throw new Error('the directory is down');
  })
  failing(): string {
    ran.push('failing');
    return 'read';
  }

  @Delete()
  removeAll(): string {
    return 'gone';
  }
}

class NoPapers extends ToolVisibility {
  isVisible(): boolean {
    return false;
  }
}

const appWith = (options: object, providers: Provider[] = []) => {
  @Module({
    imports: [McpModule.forRoot(options)],
    controllers: [PapersController],
    providers,
  })
  class PapersModule {}
  return PapersModule;
};

const AUTH = {
  resource: 'https://api.example.com/mcp',
  verifier: new StaticTokenVerifier({ good: { sub: 'ada' } }),
};

/** Without what asks for a token. */
/** Issues tokens, and says nothing of guards. */
class Elsewhere extends TokenIssuer {}

const OPEN = {
  exclude: { tools: ['papers_almost', 'papers_nested', 'papers_failing'] },
};

/** Why an application does not start. */
const refusal = async (
  adapter: AdapterName,
  options: object,
  providers?: Provider[],
): Promise<string> => {
  try {
    const { close } = await bootApp(appWith(options, providers), adapter);
    await close();
  } catch (error) {
    return (error as Error).message;
  }
  return 'it starts';
};

class Login extends LoginService {
  login(): Promise<null> {
    return Promise.resolve(null);
  }
}

it.each<[string, () => unknown, string]>([
  [
    'McpTool',
    () => McpTool({ confirm: 1 as never }),
    'confirm is a number. Give true, false or a text',
  ],
  ['McpTool', () => McpTool({ confirm: '' }), 'confirm is an empty text'],
  ['McpTool', () => McpTool({ name: '' }), 'name is an empty text'],
  ['McpTool', () => McpTool({ path: '' }), 'path is an empty text'],
  ['McpTool', () => McpTool({ version: 1 as never }), 'version is a number'],
  [
    'McpTool',
    () => McpTool({ headers: 'x-a' as never }),
    'headers is a string. Give an object.',
  ],
  [
    'McpTool',
    () => McpTool({ _meta: [] as never }),
    '_meta is a list. Give an object.',
  ],
  [
    'McpTool',
    () => McpTool({ annotations: { readonlyHint: true } as never }),
    'readonlyHint is no option. Did you mean readOnlyHint?',
  ],
  [
    'McpTool',
    () => McpTool({ annotations: { readOnlyHint: 'yes' as never } }),
    'readOnlyHint is a string. Give true or false.',
  ],
  [
    'McpTool',
    () => McpTool({ icons: [{ source: 'a' } as never] }),
    'source is no option.',
  ],
  ['McpResource', () => McpResource({ uri: '' }), 'uri is an empty text'],
  [
    'McpResource',
    () =>
      McpResource({
        uri: 'a://b',
        annotations: { audiences: ['user'] } as never,
      }),
    'Did you mean audience?',
  ],
  [
    'McpResource',
    () => McpResource({ uri: 'a://b', mimeType: 5 as never }),
    'mimeType is a number',
  ],
  ['McpPrompt', () => McpPrompt({ name: '' }), 'name is an empty text'],
  [
    'McpPrompt',
    () => McpPrompt({ description: {} as never }),
    'description is an object. Give a text.',
  ],
  [
    'McpCompletion',
    () => McpCompletion({ prompt: 'a', argument: 1 as never }),
    'argument is a number',
  ],
])('@%s() refuses a value of the wrong type', (name, decorate, message) => {
  class Atlas {
    find(): string {
      return 'found';
    }
  }
  const apply = () =>
    (decorate() as MethodDecorator)(
      Atlas.prototype,
      'find',
      Object.getOwnPropertyDescriptor(Atlas.prototype, 'find')!,
    );
  expect(apply).toThrow(`@${name}(`);
  expect(apply).toThrow(message);
});

describe.each(ADAPTERS)('values that would open a door, on %s', (adapter) => {
  it.each([
    [{ exclude: { methods: ['DELET'] } }, 'exclude.methods has "DELET"'],
    [{ exclude: { methods: 'DELETE' } }, 'methods is a string'],
    [{ exclude: { tools: [/papers/] } }, 'tools is a list. Give a list of'],
    [{ exclude: { controllers: [undefined] } }, 'controllers is a list. Give'],
    [{ include: { tags: new Set(['a']) } }, 'tags is an object'],
    [{ forwardHeaders: 'cookie' }, 'forwardHeaders is a string'],
    [{ origins: 0 }, 'origins is 0. Write { allow, hosts }, or false.'],
    [{ origins: { allow: 'https://a.example' } }, 'Give a list of texts.'],
    [{ auth: { ...AUTH, requiredScopes: 'papers:read' } }, 'is a string'],
    [{ auth: { ...AUTH, requireHttps: 'yes' } }, 'Give true or false.'],
    [
      { auth: { ...AUTH, resolveUser: 'x' } },
      'resolveUser is a string. Give a',
    ],
    [
      { auth: { verifier: false }, guards: [], ...OPEN },
      'no guard stands before the MCP',
    ],
    [
      { auth: { verifier: false }, ...OPEN },
      'McpModule.forRoot({ guards: […] })',
    ],
    [
      { auth: { verifier: false }, guards: [McpAuthGuard], ...OPEN },
      'no guard stands before the MCP',
    ],
    [
      {
        auth: { verifier: false, tokenIssuer: () => new Elsewhere() },
        ...OPEN,
      },
      'no guard stands before the MCP',
    ],
    [{ guards: McpAuthGuard }, 'guards is a function. Give a list of classes'],
    [{ guards: 'jwt' }, 'guards is a string. Give a list of classes'],
    [{ decorators: McpPublic() }, 'decorators is a function. Give a list of'],
    [{ decorators: [{}] }, 'decorators is a list. Give a list of functions.'],
    [{ controller: class Mine {} }, 'controller is the class Mine, which does'],
    [{ controller: 'mine' }, 'controller is "mine", which does not extend'],
    [{ controller: {} }, 'controller is an object, which does not extend'],
    [{ limits: { timeout: '1' } }, 'limits.timeout is "1". Write a whole'],
    [{ limits: { timeout: null } }, 'limits.timeout is null. Write a whole'],
    [{ limits: { pageSize: 0 } }, 'limits.pageSize is 0. Write a whole'],
    [{ limits: 5 }, 'limits is a number. Give an object of options.'],
    [{ legacy: 0 }, 'legacy is 0. Write { sessions, sse }, or false.'],
    [{ keepAliveInterval: '5' }, 'keepAliveInterval is "5". Write'],
    [{ legacy: { sessions: { max: '5' } } }, 'is "5". Write a whole number'],
    [{ name: '' }, 'name is an empty text. Give a text that is not empty.'],
    [{ title: 5 }, 'title is a number. Give a text.'],
    [{ icons: [{ src: 'a', size: ['16x16'] }] }, 'size is no option. Did you'],
    [{ icons: { src: 'a' } }, 'icons is an object. Give a list of objects.'],
  ])('%j stops the application', async (options, message) => {
    expect(await refusal(adapter, { expose: 'all', ...options })).toContain(
      message,
    );
  });

  it.each<Provider>([
    { provide: 'visibility', useFactory: () => new NoPapers() },
    { provide: 'visibility', useValue: new NoPapers() },
  ])(
    'a contract under a name that nobody asks for stops the application',
    async (provider) => {
      expect(await refusal(adapter, {}, [provider])).toContain(
        'provide: ToolVisibility',
      );
    },
  );

  it.each<[string, Provider, object, string]>([
    [
      'ToolVisibility',
      { provide: ToolVisibility, useValue: {} },
      {},
      'isVisible()',
    ],
    [
      'TokenVerifier',
      { provide: TokenVerifier, useValue: { verify: () => null } },
      { auth: { resource: AUTH.resource } },
      'prepare()',
    ],
    [
      'EventStore',
      { provide: EventStore, useValue: {} },
      {},
      'keep(), ownerOf()',
    ],
    [
      'ServerEventBus',
      { provide: ServerEventBus, useFactory: () => new Date() },
      {},
      'is a Date without publish()',
    ],
    [
      'ScopeMatcher',
      { provide: ScopeMatcher, useValue: { match: () => true } },
      { auth: AUTH },
      'matches()',
    ],
    [
      'AuthChallenge',
      { provide: AuthChallenge, useValue: {} },
      { auth: AUTH },
      'header()',
    ],
    [
      'McpAuthProvider',
      { provide: McpAuthProvider, useValue: {} },
      { auth: AUTH },
      'authenticate()',
    ],
    [
      'OAuthStore',
      { provide: OAuthStore, useValue: new Map() },
      {
        auth: {
          resource: AUTH.resource,
          authorizationServer: { login: { login: () => null } },
        },
      },
      'is a Map without take()',
    ],
  ])(
    '%s without its methods stops the application',
    async (name, provider, options, message) => {
      const found = await refusal(adapter, options, [provider]);
      expect(found).toContain(`${name} in PapersModule is`);
      expect(found).toContain(message);
    },
  );

  it.each<[object, string]>([
    [
      { auth: { resource: AUTH.resource, provider: {} } },
      'auth.provider is an object without authenticate()',
    ],
    [
      { auth: { resource: AUTH.resource, provider: 'x' } },
      'auth.provider is a string without',
    ],
    [
      { auth: { resource: AUTH.resource, verifier: { verify: 1 } } },
      'auth.verifier is an object without verify()',
    ],
    [
      { auth: { resource: AUTH.resource, authorizationServer: { login: {} } } },
      'authorizationServer.login is an object without login()',
    ],
    [
      {
        auth: {
          resource: AUTH.resource,
          authorizationServer: { login: new Login(), store: {} },
        },
      },
      'authorizationServer.store is an object without get()',
    ],
    [
      {
        auth: {
          resource: AUTH.resource,
          authorizationServer: { login: new Login(), pages: {} },
        },
      },
      'authorizationServer.pages is an object without login()',
    ],
  ])(
    '%j, whose methods are missing, stops the application',
    async (options, message) => {
      expect(await refusal(adapter, options)).toContain(message);
    },
  );

  it('a contract that one module provides twice stops the application', async () => {
    const twice = [
      { provide: ToolVisibility, useClass: NoPapers },
      { provide: ToolVisibility, useValue: new NoPapers() },
    ];
    const message = 'ToolVisibility is provided twice in PapersModule';
    expect(await refusal(adapter, {}, twice)).toContain(message);
    @Module({})
    class PapersModule {}
    const dynamic = { module: PapersModule, providers: twice };
    @Module({ imports: [McpModule.forRoot(), dynamic] })
    class DynamicModule {}
    await expect(bootApp(DynamicModule, adapter)).rejects.toThrow(message);
  });

  it.each(['papers/*', '/papers/*'])(
    'the filter path %s names what is below',
    async (path) => {
      const { url, logger, close } = await bootApp(
        appWith({
          exclude: { paths: [path, path.replace('/*', '')] },
          expose: 'all',
        }),
        adapter,
      );
      expect(await toolNames(`${url}/mcp`)).toEqual([]);
      expect(logger.of('warn').join()).not.toContain('matches no tool');
      await close();
    },
  );

  it('@McpAuthorize() lets a call through for true, and for nothing else', async () => {
    const logger = new RecordingLogger();
    const { url, close } = await bootApp(appWith({ auth: AUTH }), adapter, {
      nest: { logger },
    });
    try {
      for (const era of ERAS) {
        for (const name of ['almost', 'nested', 'failing']) {
          const answer = await tryTool(
            `${url}/mcp`,
            era,
            `papers_${name}`,
            {},
            { headers: { authorization: 'Bearer good' } },
          );
          expect([name, answer.status]).toEqual([name, 403]);
          expect(answer.text).not.toContain('directory');
        }
      }
      expect(ran).toEqual([]);
      expect(logger.of('warn')).toContainEqual(
        expect.stringContaining('threw, and the call was refused'),
      );
    } finally {
      await close();
    }
  });
});
