import { Controller, Get, Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  McpAuthModule,
  McpModule,
  McpRegistry,
  McpTool,
  StaticTokenVerifier,
  type McpAuthOptions,
} from '../../lib/index.js';
import { fromAuthConfig } from '../../lib/fastapi-mcp/index.js';
import {
  McpAuthorizationServerModule,
  UpstreamTokens,
} from '../../lib/authorization-server/index.js';
import { createMcpClient } from '../../lib/testing/index.js';
import { MAIN_TWO, createAdapter } from '../support/adapters.js';
import { TestLogin } from '../support/authorization-server.js';
import { RecordingLogger } from '../support/recording-logger.js';

const RESOURCE = 'http://127.0.0.1:3000/mcp';

@Controller('notes')
class NotesController {
  @Get()
  @McpTool()
  read(): string[] {
    return ['one'];
  }
}

@Injectable()
class Sums {
  @McpTool({
    name: 'add',
    inputSchema: {
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'number' } },
    },
  })
  add({ a, b }: { a: number; b: number }): number {
    return a + b;
  }
}

/** An application whose server has these, and one open provider tool. */
function application(
  auth: McpAuthOptions | false,
  ...imports: ReturnType<typeof McpModule.forRoot>[]
): Type {
  @Module({
    imports: [McpModule.forRoot({ name: 'app', auth }), ...imports],
    controllers: [NotesController],
    providers: [Sums],
  })
  class App {}
  return App;
}

const APPLICATIONS: Record<string, () => Type> = {
  'no auth': () => application(false),
  'a verifier': () =>
    application({
      resource: RESOURCE,
      verifier: new StaticTokenVerifier({ t: { scope: 'a' } }),
    }),
  authorizationServer: () =>
    application({
      resource: RESOURCE,
      authorizationServer: { login: new TestLogin() },
    }),
  'a mirror of metadata': () =>
    application(
      fromAuthConfig({
        resource: RESOURCE,
        verifier: new StaticTokenVerifier({ t: { scope: 'a' } }),
        customMetadata: {
          issuer: 'https://login.example.com',
          authorization_endpoint: 'https://login.example.com/authorize',
          token_endpoint: 'https://login.example.com/token',
          response_types_supported: ['code'],
          code_challenge_methods_supported: ['S256'],
        },
      }),
    ),
  'two servers with authorizationServer': () =>
    application(
      {
        resource: RESOURCE,
        authorizationServer: { login: new TestLogin() },
      },
      McpModule.forRoot({
        name: 'other',
        path: '/other',
        auth: {
          resource: 'http://127.0.0.1:3000/other',
          authorizationServer: { login: new TestLogin() },
        },
      }),
    ),
  McpAuthModule: () =>
    application(
      false,
      McpAuthModule.forRoot({
        resource: 'http://127.0.0.1:3000/reports',
        authorizationServer: { login: new TestLogin() },
      }),
    ),
  McpAuthorizationServerModule: () =>
    application(
      { resource: RESOURCE },
      McpAuthorizationServerModule.forRoot({
        resources: [RESOURCE],
        login: new TestLogin(),
      }),
    ),
};

const KINDS = Object.keys(APPLICATIONS);

describe.each(KINDS)('an application with %s', (kind) => {
  const module = APPLICATIONS[kind]!;

  it('is compiled by a testing module, and no more', async () => {
    const compiled = await Test.createTestingModule({ imports: [module()] })
      .setLogger(new RecordingLogger())
      .compile();
    expect(compiled.get(McpRegistry, { each: true })[0]!.path).toBe('/mcp');
    await compiled.close();
  });

  it('is an application context, for scripts and workers', async () => {
    const app = await NestFactory.createApplicationContext(module(), {
      logger: new RecordingLogger(),
      abortOnError: false,
    });
    const [registry] = app.get(McpRegistry, { each: true });
    expect(registry!.path).toBe('/mcp');
    expect(registry!.tools.map(({ name }) => name)).toContain('add');
    await app.close();
  });

  it.each(MAIN_TWO)('is a testing application on %s', async (adapter) => {
    const compiled = await Test.createTestingModule({ imports: [module()] })
      .setLogger(new RecordingLogger())
      .compile();
    const app = compiled.createNestApplication(createAdapter(adapter));
    app.setGlobalPrefix('api');
    await app.init();
    await app.init(); // Nest does nothing the second time.
    const [registry] = app.get(McpRegistry, { each: true });
    expect(registry!.path).toBe('/api/mcp');
    expect(registry!.tools.map(({ name }) => name)).toContain('notes_read');
    await app.close();
  });
});

it('a testing module that was initialised as a context becomes an application', async () => {
  const compiled = await Test.createTestingModule({
    imports: [APPLICATIONS['authorizationServer']!()],
  })
    .setLogger(new RecordingLogger())
    .compile();
  await compiled.init();
  const app = compiled.createNestApplication(createAdapter('express'));
  await app.init();
  const { tools } = app.get(McpRegistry);
  expect(tools.map(({ name }) => name)).toEqual(['add', 'notes_read']);
  await app.close();
});

describe('McpRegistry in a context without HTTP', () => {
  it("calls providers' tools, and says why a route is none", async () => {
    const app = await NestFactory.createApplicationContext(application(false), {
      logger: new RecordingLogger(),
      abortOnError: false,
    });
    const registry = app.get(McpRegistry);
    const call = (name: string) =>
      registry.call(name, { a: 1, b: 2 }, { identity: null });
    expect((await call('add')).content).toEqual([{ type: 'text', text: '3' }]);
    await expect(call('notes_read')).rejects.toThrow(
      /Unknown tool: notes_read\. .*no HTTP.*NestFactory\.create\(\)/,
    );
    await app.close();
  });
});

describe('UpstreamTokens in a context without HTTP', () => {
  it('has nothing of a subject that nobody knows', async () => {
    const app = await NestFactory.createApplicationContext(
      APPLICATIONS['authorizationServer']!(),
      { logger: new RecordingLogger(), abortOnError: false },
    );
    expect(await app.get(UpstreamTokens).has('ada')).toBe(false);
    await app.close();
  });
});

it.each(MAIN_TWO)(
  'one module serves several testing applications on %s, each with its own prefix',
  async (adapter) => {
    const App = application(false);
    for (const prefix of ['one', 'two']) {
      const compiled = await Test.createTestingModule({ imports: [App] })
        .setLogger(new RecordingLogger())
        .compile();
      const app = compiled.createNestApplication(createAdapter(adapter));
      app.setGlobalPrefix(prefix);
      const client = await createMcpClient(app);
      expect(app.get(McpRegistry).path).toBe(`/${prefix}/mcp`);
      const { content } = await client.callTool('add', { a: 1, b: 2 });
      expect(content).toEqual([{ type: 'text', text: '3' }]);
      await client.close();
      await app.close();
    }
  },
);
