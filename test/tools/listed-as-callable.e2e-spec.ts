import {
  Body,
  ClassSerializerInterceptor,
  Controller,
  Get,
  Injectable,
  Module,
  Post,
  type Type,
  UseInterceptors,
} from '@nestjs/common';
import { Exclude } from 'class-transformer';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type JsonSchema,
  McpContext,
  McpModule,
  McpTool,
} from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';
import { ERAS, rpc } from '../support/json-rpc.js';

class Account {
  id = 7;

  @Exclude()
  secret = 'hunter2';
}

@Controller('values')
class ValuesController {
  @Get('object')
  @McpTool({ name: 'route_object' })
  object(): unknown {
    return { a: [1, { b: 'ä' }] };
  }

  @Get('array')
  @McpTool({ name: 'route_array' })
  array(): unknown {
    return [1, 2];
  }

  @Post('echo')
  @McpTool({ name: 'route_echo' })
  echo(@Body('text') text: string): unknown {
    return { text };
  }

  @UseInterceptors(ClassSerializerInterceptor)
  @Get('account')
  @McpTool({ name: 'route_account' })
  account(): Account {
    return new Account();
  }
}

@Injectable()
class ValuesTools {
  @McpTool({ name: 'provider_object' })
  object(): unknown {
    return { a: [1, { b: 'ä' }] };
  }

  @McpTool({ name: 'provider_array' })
  array(): unknown {
    return [1, 2];
  }

  @McpTool({ name: 'progress' })
  progress(_args: unknown, context: McpContext): string {
    for (const value of [1, 1, 3, 2, Number.NaN, 3, 4]) {
      void context.reportProgress(value, 4, `at ${value}`);
    }
    setTimeout(() => context.reportProgress(5), 20);
    return 'done';
  }

  @McpTool({ name: 'never', timeout: 100 })
  never(): Promise<never> {
    return new Promise(() => undefined);
  }
}

@Module({
  imports: [McpModule.forRoot()],
  controllers: [ValuesController],
  providers: [ValuesTools],
})
class AppModule {}

describe.each(ADAPTERS)('results on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;

  beforeAll(async () => {
    booted = await bootApp(AppModule, adapter);
    endpoint = `${booted.url}/mcp`;
  });
  afterAll(() => booted.close());

  describe.each(ERAS)('in the %s era', (era) => {
    it.each([
      ['route_object', { a: [1, { b: 'ä' }] }],
      ['provider_object', { a: [1, { b: 'ä' }] }],
      ['route_array', [1, 2]],
      ['provider_array', [1, 2]],
    ])(
      'of %s have structured content as text, too (MCP, Tools, "Structured Content")',
      async (name, value) => {
        const { content, text, structuredContent } = await callTool(
          endpoint,
          name,
          {},
          { era },
        );
        expect(content).toHaveLength(1);
        expect(JSON.parse(text)).toEqual(value);
        // Before 2026-07-28 structured content is an object.
        expect(structuredContent).toEqual(
          era === 'legacy' && Array.isArray(value) ? { result: value } : value,
        );
      },
    );

    it('honour what the endpoint hides (MCP, Tools, "Security Considerations")', async () => {
      const answer = await rpc(endpoint, era, 'tools/call', {
        name: 'route_account',
        arguments: {},
      });
      expect(answer.response?.result).toMatchObject({
        structuredContent: { id: 7 },
      });
      expect(answer.text).not.toContain('hunter2');
    });

    it('that break the arguments are results of their own, and say which (MCP, Tools, "Error Handling")', async () => {
      const result = await callTool(
        endpoint,
        'route_echo',
        { text: 1 },
        { era },
      );
      expect(result.isError).toBe(true);
      expect(result.text).toContain('text');
    });

    it('come after progress that only grows, and nothing comes after them (MCP, Progress)', async () => {
      const { messages } = await rpc(
        endpoint,
        era,
        'tools/call',
        { name: 'progress', arguments: {} },
        { meta: { progressToken: 'mine' } },
      );
      expect(
        messages.slice(0, -1).map(({ method, params }) => ({ method, params })),
      ).toEqual(
        [1, 3, 4].map((progress) => ({
          method: 'notifications/progress',
          params: {
            progressToken: 'mine',
            progress,
            total: 4,
            message: `at ${progress}`,
          },
        })),
      );
      expect(messages.at(-1)).toHaveProperty('result');
    });

    it('come without progress where none was asked for (MCP, Progress)', async () => {
      const { messages } = await rpc(endpoint, era, 'tools/call', {
        name: 'progress',
        arguments: {},
      });
      expect(messages).toHaveLength(1);
    });

    it('come at last where a tool does not end (MCP, Lifecycle, "Timeouts")', async () => {
      const result = await callTool(endpoint, 'never', {}, { era });
      expect(result.isError).toBe(true);
      expect(result.text).toContain('100 ms');
    });
  });

  it('are in the list as they can be called, without arguments as a closed object (MCP 2026-07-28, Tools, "Tool")', async () => {
    const tools = await listTools(endpoint);
    expect(
      tools.find(({ name }) => name === 'provider_object')?.inputSchema,
    ).toEqual({ type: 'object', additionalProperties: false });
    expect(
      tools.find(({ name }) => name === 'route_object')?.inputSchema,
    ).toEqual({ type: 'object', additionalProperties: false });
  });
});

const schemaOf = (keyword: string, schema: JsonSchema): JsonSchema => ({
  [keyword]: schema,
});

describe('a schema', () => {
  const withSchema = (inputSchema: JsonSchema): Type<unknown> => {
    @Injectable()
    class SchemaTools {
      @McpTool({ name: 'by_hand', inputSchema })
      byHand(args: unknown): unknown {
        return { args };
      }
    }

    @Module({ imports: [McpModule.forRoot()], providers: [SchemaTools] })
    class SchemaModule {}
    return SchemaModule;
  };

  it('by hand is listed to the letter (MCP, Tools, "inputSchema")', async () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      $defs: { Name: { $anchor: 'name', type: 'string', minLength: 1 } },
      properties: { name: { $ref: '#name' }, kind: { enum: ['a', 'b'] } },
      allOf: [{ required: ['name'] }],
      if: { properties: { kind: { const: 'a' } }, required: ['kind'] },
      else: { not: { required: ['size'] } },
      ...schemaOf('then', { properties: { size: { type: 'integer' } } }),
      unevaluatedProperties: false,
    };
    const booted = await bootApp(withSchema(schema), 'express');
    const [tool] = await listTools(`${booted.url}/mcp`);
    const refused = await callTool(`${booted.url}/mcp`, 'by_hand', {
      name: '',
    });
    const taken = await callTool(`${booted.url}/mcp`, 'by_hand', {
      name: 'x',
      kind: 'a',
      size: 3,
    });
    await booted.close();
    expect(tool?.inputSchema).toEqual(schema);
    expect(refused.isError).toBe(true);
    expect(taken.structuredContent).toEqual({
      args: { name: 'x', kind: 'a', size: 3 },
    });
  });

  it('of a dialect that is not supported stops the application, and says which are (MCP 2026-07-28, "JSON Schema Usage")', async () => {
    await expect(
      bootApp(
        withSchema({
          $schema: 'https://json-schema.org/draft/2099-01/schema',
          type: 'object',
        }),
        'express',
      ),
    ).rejects.toThrow(
      /inputSchema of SchemaTools\.byHand .*draft\/2099-01.* none of the dialects .*draft\/2020-12/,
    );
  });

  it('that refers to another document stops the application, and nothing is fetched (MCP 2026-07-28, "JSON Schema Usage")', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end('{"type":"string"}');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    await expect(
      bootApp(
        withSchema({
          type: 'object',
          properties: { a: { $ref: `http://127.0.0.1:${port}/a.json` } },
        }),
        'express',
      ),
    ).rejects.toThrow('inputSchema of SchemaTools.byHand');
    await new Promise((resolve) => server.close(resolve));
    expect(asked).toBe(0);
  });

  it('that is too deep stops the application (MCP 2026-07-28, Tools, "Security Considerations")', async () => {
    let schema: JsonSchema = { type: 'string' };
    for (let level = 0; level < 200; level += 1) {
      schema = { type: 'object', properties: { a: schema } };
    }
    await expect(bootApp(withSchema(schema), 'express')).rejects.toThrow(
      'inputSchema of SchemaTools.byHand is nested more than 128 objects deep',
    );
  });

  it.each([['Echo', 'echo']])(
    'name that differs from another by case alone stops the application: %s, %s (MCP, Tools, "Tool Names")',
    async (...names) => {
      @Injectable()
      class FirstTools {
        @McpTool({ name: names[0]! })
        first(): string {
          return '';
        }

        @McpTool({ name: names[1]! })
        second(): string {
          return '';
        }
      }

      @Module({ imports: [McpModule.forRoot()], providers: [FirstTools] })
      class TwinsModule {}
      await expect(bootApp(TwinsModule, 'express')).rejects.toThrow(
        'Two tools would be named "Echo" and "echo"',
      );
    },
  );
});

describe('the timeout', () => {
  it.each([0, -1, 1.5, 2 ** 31, Number.POSITIVE_INFINITY])(
    'of %d stops the application: calls have a hard maximum (MCP, Lifecycle, "Timeouts")',
    async (timeout) => {
      @Module({ imports: [McpModule.forRoot({ limits: { timeout } })] })
      class EndlessModule {}
      await expect(bootApp(EndlessModule, 'express')).rejects.toThrow(
        `McpModule: limits.timeout is ${timeout}`,
      );
    },
  );

  it.each([0, 2 ** 31])(
    'of a tool of %d stops the application',
    async (timeout) => {
      @Injectable()
      class EndlessTools {
        @McpTool({ timeout })
        endless(): string {
          return '';
        }
      }

      @Module({ imports: [McpModule.forRoot()], providers: [EndlessTools] })
      class EndlessModule {}
      await expect(bootApp(EndlessModule, 'express')).rejects.toThrow(
        `@McpTool({ timeout }) of EndlessTools.endless is ${timeout}`,
      );
    },
  );
});
