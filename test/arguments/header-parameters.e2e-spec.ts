import { Body, Controller, Injectable, Module, Post } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { z } from 'zod';
import { McpModule, McpTool, ToolVisibility } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import { listTools } from '../support/call-tool.js';
import { type RpcAnswer, rpc } from '../support/json-rpc.js';
import { connectClient } from '../support/sdk-client.js';

/** "Custom Headers from Tool Parameters": header and argument do not agree. */
const HEADER_MISMATCH = -32020;

@Injectable()
class QueryTools {
  static runs = 0;

  @McpTool({
    name: 'query',
    inputSchema: {
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        limit: { type: 'integer', 'x-mcp-header': 'Limit' },
        dry: { type: 'boolean', 'x-mcp-header': 'Dry-Run' },
        place: {
          type: 'object',
          properties: { zone: { type: 'string', 'x-mcp-header': 'Zone' } },
        },
        note: { type: ['string', 'null'] },
      },
    },
  })
  query(args: Record<string, unknown>): Record<string, unknown> {
    QueryTools.runs += 1;
    return args;
  }

  @McpTool({
    name: 'by_zod',
    inputSchema: z.object({
      region: z.string().meta({ 'x-mcp-header': 'Zod-Region' }),
    }),
  })
  byZod(args: unknown): unknown {
    return { args };
  }

  @McpTool({ name: 'plain', inputSchema: { type: 'object' } })
  plain(args: Record<string, unknown>): Record<string, unknown> {
    return args;
  }
}

/** The type of the options knows no extensions; the document keeps them. */
const TENANT = { type: String, 'x-mcp-header': 'Tenant' };

class OrderDto {
  @ApiProperty(TENANT)
  tenant!: string;
}

@Controller('orders')
class OrdersController {
  @Post()
  @McpTool({ name: 'order' })
  order(@Body() order: OrderDto): OrderDto {
    return order;
  }
}

@Module({
  imports: [McpModule.forRoot()],
  controllers: [OrdersController],
  providers: [QueryTools],
})
class AppModule {}

describe.each(ADAPTERS)('arguments in headers on %s', (adapter) => {
  let booted: BootedApp;
  const call = (
    args: Record<string, unknown>,
    headers: Record<string, string> = {},
    name = 'query',
  ): Promise<RpcAnswer> =>
    rpc(
      `${booted.url}/mcp`,
      'modern',
      'tools/call',
      { name, arguments: args },
      { headers },
    );
  const base64 = (text: string): string =>
    `=?base64?${Buffer.from(text).toString('base64')}?=`;

  beforeAll(async () => {
    booted = await bootApp(AppModule, adapter);
  });
  afterAll(() => booted.close());

  it.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['a string', { region: 'eu-1' }, { 'Mcp-Param-Region': 'eu-1' }],
    [
      'any case of its name',
      { region: 'eu-1' },
      { 'MCP-PARAM-REGION': 'eu-1' },
    ],
    ['blanks around it', { region: 'eu-1' }, { 'Mcp-Param-Region': '  eu-1 ' }],
    ['base64', { region: 'Zürich' }, { 'Mcp-Param-Region': base64('Zürich') }],
    ['an empty text', { region: '' }, { 'Mcp-Param-Region': base64('') }],
    ['an integer', { limit: 42 }, { 'Mcp-Param-Limit': '42' }],
    ['an integer as a decimal', { limit: 42 }, { 'Mcp-Param-Limit': '42.0' }],
    ['a boolean', { dry: false }, { 'Mcp-Param-Dry-Run': 'false' }],
    ['a nested one', { place: { zone: 'a' } }, { 'Mcp-Param-Zone': 'a' }],
    [
      'several',
      { region: 'eu-1', limit: 7 },
      { 'Mcp-Param-Region': 'eu-1', 'Mcp-Param-Limit': '7' },
    ],
  ])(
    'serves a call whose header carries the argument: %s',
    async (_, args, headers) => {
      const answer = await call(args, headers);
      expect(answer.status).toBe(200);
      expect(answer.response?.result).toMatchObject({
        structuredContent: args,
      });
    },
  );

  it.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['no argument', {}, {}],
    ['no argument, and a header', {}, { 'Mcp-Param-Region': 'eu-1' }],
    ['an argument that declares none', { note: null }, {}],
    ['a header of no argument', { note: 'x' }, { 'Mcp-Param-Note': 'y' }],
  ])('expects no header for %s', async (_, args, headers) => {
    const answer = await call(args, headers);
    expect(answer.status).toBe(200);
    expect(answer.response?.result).toMatchObject({ structuredContent: args });
  });

  it('takes null for no argument, and expects no header for it', async () => {
    const answer = await call({ region: null });
    expect(answer.status).toBe(200);
    expect(answer.response?.result?.['structuredContent']).toEqual({});
  });

  it.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['missing', { region: 'eu-1' }, {}],
    ['another', { region: 'eu-1' }, { 'Mcp-Param-Region': 'us-1' }],
    ['in another case', { region: 'eu-1' }, { 'Mcp-Param-Region': 'EU-1' }],
    [
      'base64 of another',
      { region: 'eu-1' },
      { 'Mcp-Param-Region': base64('us-1') },
    ],
    [
      'base64 without its padding',
      { region: 'Hello' },
      { 'Mcp-Param-Region': '=?base64?SGVsbG8?=' },
    ],
    [
      'base64 of a foreign alphabet',
      { region: 'Hello' },
      { 'Mcp-Param-Region': '=?base64?SGVs_G8=?=' },
    ],
    [
      'base64 that is not wrapped',
      { region: 'Hello' },
      { 'Mcp-Param-Region': 'SGVsbG8=' },
    ],
    ['another integer', { limit: 42 }, { 'Mcp-Param-Limit': '43' }],
    ['an integer in hexadecimal', { limit: 42 }, { 'Mcp-Param-Limit': '0x2a' }],
    ['another boolean', { dry: true }, { 'Mcp-Param-Dry-Run': 'false' }],
    ['missing for a nested one', { place: { zone: 'a' } }, {}],
    [
      'right for one of two',
      { region: 'eu-1', limit: 7 },
      { 'Mcp-Param-Region': 'eu-1' },
    ],
  ])('refuses a call whose header is %s', async (_, args, headers) => {
    const before = QueryTools.runs;
    const answer = await call(args, headers);
    expect(answer.status).toBe(400);
    expect(answer.response).toMatchObject({
      id: 1,
      error: { code: HEADER_MISMATCH },
    });
    expect(QueryTools.runs).toBe(before);
  });

  it('asks nothing of tools that declare none, and of unknown ones', async () => {
    const plain = await call({ region: 'eu-1' }, {}, 'plain');
    expect(plain.response?.result).toMatchObject({
      structuredContent: { region: 'eu-1' },
    });
    const unknown = await call({ region: 'eu-1' }, {}, 'nothing');
    expect(unknown.response?.error).toMatchObject({ code: -32602 });
  });

  it("reads the declaration of a route's DTO", async () => {
    const tools = await listTools(`${booted.url}/mcp`);
    expect(
      tools.find(({ name }) => name === 'order')?.inputSchema.properties,
    ).toEqual({ tenant: { type: 'string', 'x-mcp-header': 'Tenant' } });
    const missed = await call({ tenant: 'acme' }, {}, 'order');
    expect(missed.status).toBe(400);
    const kept = await call(
      { tenant: 'acme' },
      { 'Mcp-Param-Tenant': 'acme' },
      'order',
    );
    expect(kept.response?.result).toMatchObject({
      structuredContent: { tenant: 'acme' },
    });
  });

  it('reads the declaration of a Zod schema', async () => {
    const missed = await call({ region: 'eu' }, {}, 'by_zod');
    expect(missed.status).toBe(400);
    const kept = await call(
      { region: 'eu' },
      { 'Mcp-Param-Zod-Region': 'eu' },
      'by_zod',
    );
    expect(kept.response?.result).toMatchObject({
      structuredContent: { args: { region: 'eu' } },
    });
  });

  it('is understood by the client of the SDK', async () => {
    const client = await connectClient(`${booted.url}/mcp`, 'modern');
    await client.listTools();
    const result = await client.callTool({
      name: 'query',
      arguments: { region: 'Zürich', limit: 3, dry: true },
    });
    expect(result.structuredContent).toEqual({
      region: 'Zürich',
      limit: 3,
      dry: true,
    });
    await client.close();
  });

  it('is unknown before 2026-07-28', async () => {
    const answer = await rpc(`${booted.url}/mcp`, 'legacy', 'tools/call', {
      name: 'query',
      arguments: { region: 'eu-1' },
    });
    expect(answer.status).toBe(200);
    expect(answer.response?.result).toMatchObject({
      structuredContent: { region: 'eu-1' },
    });
  });
});

describe('a tool that is hidden from its caller', () => {
  it.each([
    ['at once', () => false],
    ['later', () => Promise.resolve(false)],
  ])(
    'is not given away by a header it would miss, decided %s',
    async (_, isVisible) => {
      @Injectable()
      class Hiding extends ToolVisibility {
        isVisible(): boolean | Promise<boolean> {
          return isVisible();
        }
      }

      @Module({
        imports: [McpModule.forRoot()],
        providers: [QueryTools, { provide: ToolVisibility, useClass: Hiding }],
      })
      class HidingModule {}

      const booted = await bootApp(HidingModule, 'express');
      const answer = await rpc(`${booted.url}/mcp`, 'modern', 'tools/call', {
        name: 'query',
        arguments: { region: 'eu-1' },
      });
      await booted.close();
      expect(answer.response?.error).toMatchObject({
        code: -32602,
        message: 'Unknown tool: query',
      });
    },
  );
});

describe('start-up', () => {
  const withSchema = (property: Record<string, unknown>): unknown => {
    @Injectable()
    class BadTools {
      @McpTool({
        name: 'bad',
        inputSchema: { type: 'object', properties: { region: property } },
      })
      bad(): string {
        return '';
      }
    }

    @Module({ imports: [McpModule.forRoot()], providers: [BadTools] })
    class BadModule {}
    return BadModule;
  };

  it('stops at an x-mcp-header that clients would drop the tool for', async () => {
    await expect(
      bootApp(
        withSchema({ type: 'number', 'x-mcp-header': 'Region' }) as never,
        'express',
      ),
    ).rejects.toThrow(
      'Tool "bad" of BadTools.bad: the property "region" has x-mcp-header ' +
        '"Region", but its type is "number", and headers carry "string", ' +
        '"integer" and "boolean" alone. Change the type, or remove it.',
    );
  });

  it('warns of an x-mcp-header on what looks like a secret', async () => {
    const booted = await bootApp(
      withSchema({ type: 'string', 'x-mcp-header': 'Api-Key' }) as never,
      'express',
    );
    await booted.close();
    expect(booted.logger.of('warn').join()).toContain(
      'the property "region" looks like a secret, and x-mcp-header puts it in the header Mcp-Param-Api-Key',
    );
  });
});
