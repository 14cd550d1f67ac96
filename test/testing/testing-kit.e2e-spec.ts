import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  Param,
  UseGuards,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  McpContext,
  McpModule,
  McpPrompt,
  McpResource,
  McpScopes,
  McpTool,
} from '../../lib/index.js';
import {
  callTool,
  createMcpClient,
  createTestTokens,
  type McpTestClient,
  type McpTestClientOptions,
} from '../../lib/testing/index.js';
import {
  MAIN_TWO,
  type AdapterName,
  createAdapter,
} from '../support/adapters.js';
import { ERAS } from '../support/json-rpc.js';

const tokens = createTestTokens();

@Injectable()
class DoorGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { params } = context.switchToHttp().getRequest<{
      params: { door: string };
    }>();
    return params.door !== 'vault';
  }
}

@Controller('doors')
class DoorsController {
  @Get(':door')
  @UseGuards(DoorGuard)
  @McpTool({ name: 'look' })
  look(@Param('door') door: string) {
    return { door, seen: true };
  }

  @Get(':door/lock')
  @McpScopes('doors:lock')
  @McpTool({ name: 'lock' })
  lock(@Param('door') door: string) {
    return { door, locked: true };
  }
}

@Injectable()
class Steps {
  @McpTool({ name: 'steps' })
  walk(_args: unknown, context: McpContext) {
    for (const step of [1, 2, 3]) {
      void context.reportProgress(step, 3);
    }
    return 'there';
  }
}

@Injectable()
class Interview {
  @McpTool({ name: 'interview' })
  async ask(_args: unknown, context: McpContext) {
    const answer = await context.elicit('Who are you?', {
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
    });
    const { content } = await context.sample({
      messages: [{ role: 'user', content: { type: 'text', text: 'Rhyme!' } }],
      maxTokens: 10,
    });
    const roots = await context.listRoots();
    return { answer, content, roots: roots.map(({ uri }) => uri) };
  }

  @McpResource({ uri: 'house://rules', name: 'rules' })
  rules() {
    return 'No running.';
  }

  @McpPrompt({ name: 'welcome' })
  welcome() {
    return 'Be kind.';
  }
}

const seen: (string | undefined)[] = [];

@Module({
  imports: [
    McpModule.forRoot({ name: 'house', auth: { verifier: tokens.verifier } }),
  ],
  controllers: [DoorsController],
  providers: [Steps],
})
class HouseModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(
        (
          request: { headers: Record<string, string | undefined> },
          _response: unknown,
          next: () => void,
        ) => {
          seen.push(request.headers['x-tenant']);
          next();
        },
      )
      .forRoutes('mcp');
  }
}

@Module({
  imports: [
    McpModule.forRoot({ name: 'one', path: '/one' }),
    McpModule.forRoot({ name: 'two', path: '/two' }),
  ],
  providers: [Steps],
})
class TwoServersModule {}

async function boot(
  module: new () => unknown,
  adapter: AdapterName,
): Promise<INestApplication> {
  const compiled = await Test.createTestingModule({
    imports: [module],
  }).compile();
  return compiled.createNestApplication(createAdapter(adapter));
}

describe.each(MAIN_TWO)('a test of an application on %s', (adapter) => {
  let app: INestApplication;
  const open: McpTestClient[] = [];

  const connect = async (
    options?: McpTestClientOptions,
  ): Promise<McpTestClient> => {
    const client = await createMcpClient(app, options);
    open.push(client);
    return client;
  };

  beforeAll(async () => {
    app = await boot(HouseModule, adapter);
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.close()));
  });

  afterAll(() => app.close());

  it('opens no port', async () => {
    await connect({ token: await tokens.sign() });
    expect(app.getHttpServer().address()).toBeNull();
  });

  describe.each(ERAS)('in the %s era', (era) => {
    it('negotiates that era', async () => {
      const { client } = await connect({ era, token: await tokens.sign() });
      expect(client.getProtocolEra()).toBe(era);
    });

    it('calls a tool with the scope it asks for', async () => {
      const mcp = await connect({
        era,
        token: await tokens.sign({ scopes: ['doors:lock'] }),
      });
      const result = await mcp.callTool('lock', { door: 'front' });
      expect(result.isError).toBeFalsy();
      expect(result.content).toMatchObject([
        { type: 'text', text: '{"door":"front","locked":true}' },
      ]);
      expect((await mcp.listTools()).map(({ name }) => name)).toEqual([
        'lock',
        'look',
        'steps',
      ]);
    });

    it('is refused the tool without the scope, and not shown it', async () => {
      const mcp = await connect({ era, token: await tokens.sign() });
      expect((await mcp.listTools()).map(({ name }) => name)).toEqual([
        'look',
        'steps',
      ]);
      await expect(mcp.callTool('lock', { door: 'front' })).rejects.toThrow(
        'Insufficient scope: required "doors:lock"',
      );
    });

    it.each([
      ['no token', undefined],
      ['an expired token', () => tokens.expired()],
      ['the token of a stranger', () => tokens.signedByStranger()],
      ['a token for another server', () => tokens.forAnotherServer()],
    ])('is refused with %s', async (_kind, token) => {
      await expect(
        connect({ era, ...(token && { token: await token() }) }),
      ).rejects.toThrow(/401|invalid_token|unauthorized/i);
    });

    it("runs the route's own guards", async () => {
      const mcp = await connect({ era, token: await tokens.sign() });
      expect((await mcp.callTool('look', { door: 'front' })).isError).toBe(
        undefined,
      );
      await expect(mcp.callTool('look', { door: 'vault' })).rejects.toThrow(
        'Forbidden',
      );
    });

    it('runs the middleware of the endpoint', async () => {
      seen.length = 0;
      await connect({
        era,
        token: await tokens.sign(),
        headers: { 'x-tenant': 'acme' },
      });
      expect(new Set(seen)).toEqual(new Set(['acme']));
    });

    it('is told of progress while the tool runs', async () => {
      const mcp = await connect({ era, token: await tokens.sign() });
      const progress: number[] = [];
      const result = await mcp.callTool(
        'steps',
        {},
        {
          onprogress: (report) => void progress.push(report.progress),
        },
      );
      expect(progress).toEqual([1, 2, 3]);
      expect(result.content).toMatchObject([{ text: 'there' }]);
    });

    it('calls a tool in one line', async () => {
      const result = await callTool(
        app,
        'look',
        { door: 'back' },
        { era, token: await tokens.sign() },
      );
      expect(result.content).toMatchObject([
        { text: '{"door":"back","seen":true}' },
      ]);
    });
  });

  it('can do nothing more once it is closed', async () => {
    const mcp = await createMcpClient(app, { token: await tokens.sign() });
    await mcp.close();
    await expect(mcp.listTools()).rejects.toThrow();
  });
});

describe.each(MAIN_TWO)('a test of two servers on %s', (adapter) => {
  let app: INestApplication;

  beforeAll(async () => {
    app = await boot(TwoServersModule, adapter);
  });

  afterAll(() => app.close());

  it.each(['two', '/two'])('names the one it means by %s', async (server) => {
    const mcp = await createMcpClient(app, { server });
    expect(mcp.client.getServerVersion()?.name).toBe('two');
    await mcp.close();
  });

  it.each([
    [{}, 'server is not set'],
    [{ server: 'three' }, 'server is "three"'],
  ])('is told which there are (%j)', async (options, message) => {
    const attempt = createMcpClient(app, options);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toThrow('"one" at "/one", "two" at "/two"');
  });
});

@Module({
  imports: [McpModule.forRoot({ name: 'interview', auth: false })],
  providers: [Interview],
})
class InterviewModule {}

describe.each(MAIN_TWO)('a test on %s of what asks its client', (adapter) => {
  let app: INestApplication;

  beforeAll(async () => {
    app = await boot(InterviewModule, adapter);
  });

  afterAll(() => app.close());

  describe.each(ERAS)('in the %s era', (era) => {
    it('answers with the functions given', async () => {
      const asked: unknown[] = [];
      const result = await callTool(
        app,
        'interview',
        {},
        {
          era,
          elicit: ({ message }) => {
            asked.push(message);
            return { action: 'accept', content: { name: 'Ada' } };
          },
          sample: async ({ maxTokens }) => {
            asked.push(maxTokens);
            return {
              role: 'assistant',
              model: 'none',
              content: { type: 'text', text: 'Time' },
            };
          },
          roots: [{ uri: 'file:///house' }],
        },
      );
      expect(asked).toEqual(['Who are you?', 10]);
      expect(result.structuredContent).toEqual({
        answer: { action: 'accept', content: { name: 'Ada' } },
        content: { type: 'text', text: 'Time' },
        roots: ['file:///house'],
      });
    });

    it('declares nothing that it was given no answer for', async () => {
      const result = await callTool(app, 'interview', {}, { era }).catch(
        (error: Error) => error.message,
      );
      expect(JSON.stringify(result)).toMatch(/elicitation/);
    });

    it('reads resources and prompts', async () => {
      const mcp = await createMcpClient(app, { era });
      expect((await mcp.readResource('house://rules')).contents).toMatchObject([
        { uri: 'house://rules', text: 'No running.' },
      ]);
      expect((await mcp.getPrompt('welcome')).messages).toMatchObject([
        { content: { type: 'text', text: 'Be kind.' } },
      ]);
      await mcp.close();
    });
  });
});

describe('a test of an application without a server', () => {
  it('is told so', async () => {
    @Module({})
    class EmptyModule {}
    const app = await boot(EmptyModule, 'express');
    await expect(createMcpClient(app)).rejects.toThrow('has no MCP server');
    await app.close();
  });
});
