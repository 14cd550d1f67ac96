import {
  ConflictException,
  Controller,
  Get,
  HttpException,
  Injectable,
  InternalServerErrorException,
  Module,
  NotFoundException,
  Param,
} from '@nestjs/common';
import { ProtocolError } from '@modelcontextprotocol/server';
import {
  McpContext,
  McpError,
  McpModule,
  McpPrompt,
  McpResource,
  McpTool,
} from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import { ERAS, rpc, type RpcAnswer } from '../support/json-rpc.js';

const SECRET = 'postgres://root:hunter2@db';
const TOKEN = 'a-token-of-the-caller';

/** What code may throw, and what the caller may learn of it. */
const FAILURES: Readonly<
  Record<string, { make: () => unknown; told?: string }>
> = {
  error: { make: () => new Error(SECRET) },
  type_error: { make: () => new TypeError(SECRET) },
  text: { make: () => SECRET },
  object: { make: () => ({ message: SECRET, code: -32602 }) },
  nothing: { make: () => undefined },
  coded: { make: () => Object.assign(new Error(SECRET), { code: -32602 }) },
  status: { make: () => Object.assign(new Error(SECRET), { status: 404 }) },
  caused: {
    make: () => new McpError('The store is closed', { cause: SECRET }),
    told: 'The store is closed',
  },
  mcp: { make: () => new McpError('Pick another'), told: 'Pick another' },
  conflict: {
    make: () => new ConflictException('The name is taken'),
    told: 'The name is taken',
  },
  fault: { make: () => new InternalServerErrorException(SECRET) },
  gateway: { make: () => new HttpException(SECRET, 502) },
  protocol: { make: () => new ProtocolError(-32603, SECRET) },
};

const fail = (name: string): never => {
  throw FAILURES[name]?.make();
};

@Controller('failures')
class FailuresController {
  @Get(':name')
  @McpTool({ name: 'route' })
  @McpResource({ uri: 'route://{name}' })
  route(@Param('name') name: string): never {
    return fail(name);
  }
}

@Injectable()
class Failures {
  @McpTool({
    name: 'provider',
    inputSchema: { type: 'object', properties: { name: { type: 'string' } } },
  })
  tool({ name }: { name: string }): never {
    return fail(name);
  }

  @McpResource({ uri: 'provider://{name}' })
  resource({ name }: { name: string }): never {
    return fail(name);
  }

  @McpPrompt({
    name: 'provider',
    arguments: {
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
    },
  })
  prompt({ name }: { name: string }): never {
    return fail(name);
  }

  @McpResource({ uri: 'missing://{name}' })
  missing({ name }: { name: string }): undefined {
    if (name === 'thrown') {
      throw new NotFoundException();
    }
    return undefined;
  }

  @McpTool({ name: 'logs' })
  logs(_args: unknown, context: McpContext): string {
    void context.log.debug('mine');
    throw new Error(SECRET);
  }
}

@Module({
  imports: [McpModule.forRoot()],
  controllers: [FailuresController],
  providers: [Failures],
})
class AppModule {}

describe.each(ADAPTERS)('what fails on %s', (adapter) => {
  let booted: BootedApp;

  beforeAll(async () => {
    booted = await bootApp(AppModule, adapter);
  });
  afterAll(() => booted.close());

  describe.each(ERAS)('in the %s era', (era) => {
    const send = (
      method: string,
      params: Record<string, unknown>,
      meta: Record<string, unknown> = {},
    ): Promise<RpcAnswer> =>
      rpc(`${booted.url}/mcp`, era, method, params, {
        headers: { authorization: `Bearer ${TOKEN}` },
        meta,
      });
    const expectNothingInside = ({ text }: RpcAnswer): void => {
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain(TOKEN);
      expect(text).not.toMatch(/\.(ts|js):\d+|node_modules|at \w+ \(/);
    };

    describe.each(['route', 'provider'])('a tool of a %s', (kind) => {
      it.each(Object.keys(FAILURES))(
        'that throws %s has a result with isError, whose text is safe (MCP, Tools, "Error Handling")',
        async (name) => {
          const answer = await send('tools/call', {
            name: kind,
            arguments: { name },
          });
          expect(answer.status).toBe(200);
          expect(answer.response).not.toHaveProperty('error');
          expect(answer.response?.result).toMatchObject({ isError: true });
          const told = FAILURES[name]?.told;
          if (told !== undefined) {
            expect(answer.text).toContain(told);
          }
          expectNothingInside(answer);
        },
      );
    });

    describe.each([
      ['a resource of a route', 'resources/read', 'route'],
      ['a resource of a provider', 'resources/read', 'provider'],
      ['a prompt', 'prompts/get', 'provider'],
    ])('%s', (_, method, kind) => {
      it.each(Object.keys(FAILURES))(
        'that throws %s has a JSON-RPC error, whose message is safe (MCP, Resources and Prompts, "Error Handling")',
        async (name) => {
          const answer = await send(
            method,
            method === 'prompts/get'
              ? { name: kind, arguments: { name } }
              : { uri: `${kind}://${name}` },
          );
          const told = FAILURES[name]?.told;
          expect(answer.response).not.toHaveProperty('result');
          expect(answer.response?.error?.code).toBe(
            told === undefined ? -32603 : -32602,
          );
          if (told !== undefined) {
            expect(answer.response?.error?.message).toContain(told);
          }
          expectNothingInside(answer);
        },
      );
    });

    it.each(['returned', 'thrown', 'other'])(
      'a resource that is not there is -32602 with its URI: %s (MCP, Resources, "Error Handling")',
      async (name) => {
        const uri = name === 'other' ? 'nothing://at/all' : `missing://${name}`;
        const { response } = await send('resources/read', { uri });
        expect(response?.error).toMatchObject({ code: -32602, data: { uri } });
      },
    );

    it('a prompt that is not there, or lacks an argument, is -32602 (MCP, Prompts, "Error Handling")', async () => {
      const unknown = await send('prompts/get', { name: 'nothing' });
      expect(unknown.response?.error).toMatchObject({ code: -32602 });
      const lacking = await send('prompts/get', { name: 'provider' });
      expect(lacking.response?.error).toMatchObject({ code: -32602 });
    });
  });

  it('tells its client by log what the application logs for it, and nothing else (MCP, Logging, "Security")', async () => {
    const { messages, text } = await rpc(
      `${booted.url}/mcp`,
      'modern',
      'tools/call',
      { name: 'logs', arguments: {} },
      { meta: { 'io.modelcontextprotocol/logLevel': 'debug' } },
    );
    expect(
      messages
        .filter(({ method }) => method === 'notifications/message')
        .map(({ params }) => params?.['data']),
    ).toEqual(['mine']);
    expect(text).not.toContain('hunter2');
  });

  it('tells the log of the server the rest', async () => {
    await rpc(`${booted.url}/mcp`, 'modern', 'tools/call', {
      name: 'provider',
      arguments: { name: 'error' },
    });
    expect(booted.logger.of('error').join('\n')).toContain('hunter2');
    expect(
      booted.logger.lines.map(({ text }) => text).join('\n'),
    ).not.toContain(TOKEN);
  });
});
