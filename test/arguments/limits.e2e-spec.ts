import {
  Body,
  Controller,
  Get,
  Headers,
  Module,
  Post,
  Query,
  Req,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { ApiConsumes, ApiHeader } from '@nestjs/swagger';
import type { IncomingMessage } from 'node:http';
import { McpModule, McpRegistry, McpTool } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';

/** What proxies, gateways and platforms tell an application by a header. */
const TRUSTED = [
  'X-Real-IP',
  'x-client-ip',
  'true-client-ip',
  'CF-Connecting-IP',
  'cf-access-jwt-assertion',
  'fastly-client-ip',
  'x-cluster-client-ip',
  'x-original-url',
  'x-original-forwarded-for',
  'x-rewrite-url',
  'x-http-method',
  'X-HTTP-Method-Override',
  'x-method-override',
  'x-amzn-oidc-data',
  'x-amzn-oidc-identity',
  'x-ms-client-principal',
  'x-ms-client-principal-id',
  'x-goog-authenticated-user-email',
  'x-goog-iap-jwt-assertion',
  'x-remote-user',
  'remote-user',
  'x-ssl-client-cert',
  'x-forwarded-user',
  'x-forwarded',
  'x-auth-request-email',
  'client-cert',
  'CloudFront-Viewer-Address',
  'incap-client-ip',
  'do-connecting-ip',
  'x-forward-for',
  'x-http-host-override',
  'oidc_claim_sub',
  'Tailscale-User-Login',
  'iv-user',
  'x-authenticated-userid',
  'x_real_ip',
  'x-scheme',
  'X-Url-Scheme',
  'Front-End-Https',
  'x-akamai-edgescape',
  'x-vouch-user',
  'x-override-url',
  'authorization',
] as const;

@Controller('headers')
class HeadersController {
  @McpTool()
  @Get('derived')
  derived(
    @Headers('x-real-ip') ip: string,
    @Headers('X-Tenant') tenant: string,
    @Headers('x-colour') language: string,
  ): object {
    return { ip, tenant, language };
  }

  @McpTool()
  @ApiHeader({ name: 'X-Remote-User', required: true })
  @ApiHeader({ name: 'x-tenant', required: true })
  @Get('documented')
  documented(@Req() { headers }: IncomingMessage): object {
    return { ...headers };
  }

  @McpTool({
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(
        [...TRUSTED, 'x-tenant'].map((name) => [name, { type: 'string' }]),
      ),
    },
  })
  @Get('explicit')
  explicit(
    @Req() { headers }: IncomingMessage,
    @Headers('x-real-ip') _ip: string,
    @Headers('x-tenant') _tenant: string,
  ): object {
    return { ...headers };
  }

  @McpTool()
  @Post('nested')
  nested(@Body('tree') tree: unknown): object {
    let depth = 0;
    for (let at = tree; Array.isArray(at); at = at[0] as unknown) depth++;
    return { depth };
  }

  @McpTool({
    inputSchema: { type: 'object', properties: { tree: { type: 'array' } } },
  })
  @Get('queried')
  queried(@Query('tree') _tree: unknown): void {
    // Nothing is to be seen here.
  }
}

@Controller('files')
class FilesController {
  @McpTool()
  @Post()
  @ApiConsumes('multipart/form-data')
  @UseInterceptors(FileInterceptor('photo'))
  upload(
    @UploadedFile() photo: { originalname: string; mimetype: string },
    @Body() body: object,
  ): object {
    return { name: photo?.originalname, type: photo?.mimetype, body };
  }
}

function moduleOf(
  controllers: (typeof FilesController | typeof HeadersController)[],
) {
  @Module({
    imports: [
      McpModule.forRoot({
        name: 'limits',
        forwardHeaders: ['authorization', 'X-Tenant'],
      }),
    ],
    controllers,
  })
  class LimitsModule {}
  return LimitsModule;
}

describe.each(ADAPTERS)('arguments on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;
  beforeAll(async () => {
    booted = await bootApp(moduleOf([HeadersController]), adapter);
    endpoint = `${booted.url}/mcp`;
  });
  afterAll(() => booted?.close());

  it('are no headers that a proxy is trusted with, and none that are forwarded', async () => {
    const tools = await listTools(endpoint);
    const propertiesOf = (name: string) =>
      Object.keys(
        tools.find((tool) => tool.name === name)?.inputSchema.properties ?? {},
      );
    expect(propertiesOf('headers_derived')).toEqual(['x-colour']);
    expect(propertiesOf('headers_documented')).toEqual([]);
  });

  describe.each(ERAS)('in the %s era', (era) => {
    it.each(TRUSTED)('cannot set the header %s', async (name) => {
      const { structuredContent, isError } = await callTool(
        endpoint,
        'headers_explicit',
        { [name]: '203.0.113.9' },
        { era },
      );
      expect(isError).toBe(false);
      expect(JSON.stringify(structuredContent)).not.toContain('203.0.113.9');
    });

    it.each([undefined, 'acme'])(
      'leave a forwarded header %s as it came',
      async (tenant) => {
        const { structuredContent } = await callTool(
          endpoint,
          'headers_explicit',
          { 'x-tenant': 'evil' },
          { era, ...(tenant && { headers: { 'X-Tenant': tenant } }) },
        );
        expect((structuredContent as Record<string, unknown>)['x-tenant']).toBe(
          tenant,
        );
      },
    );
  });

  it.each([10, 400, 1000, 10_000])(
    'reach the application in a body nested %d deep, or are refused with the limit of messages',
    async (depth) => {
      const text = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      const overHttp = await fetch(`${booted.url}/headers/nested`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"tree":${text}}`,
      });
      expect(await overHttp.json()).toEqual({ depth });
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2025-11-25',
        },
        body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"headers_nested","arguments":{"tree":${text}}}}`,
      });
      expect(await response.text()).toContain(
        depth < 500
          ? `"structuredContent":{"depth":${depth}}`
          : 'Invalid Request: the message nests too deep',
      );
    },
  );

  it('are refused by name where a query has no room for their depth', async () => {
    const text = `${'['.repeat(20_000)}1${']'.repeat(20_000)}`;
    // The application's own calls have no limit of messages.
    const result = await booted.app
      .get(McpRegistry, { strict: false })
      .call(
        'headers_queried',
        { tree: JSON.parse(text) as unknown },
        { identity: null },
      );
    expect(JSON.stringify(result)).toContain(
      'Argument \\"tree\\" is nested too deeply',
    );
  });
});

// Fastify has an upload interceptor of another make.
describe('files of a form on express', () => {
  let booted: BootedApp;
  beforeAll(async () => {
    booted = await bootApp(moduleOf([FilesController]), 'express');
  });
  afterAll(() => booted?.close());

  const upload = (photo: object) =>
    callTool(`${booted.url}/mcp`, 'files_upload', { photo });

  it.each(['', ' ', '.', '..', 'a\r\nb', 'a\0', '../a', 'a/', 'a\\b'])(
    'are refused by the name %j',
    async (name) => {
      const result = await upload({ name, data: 'AAAA' });
      expect(result.isError).toBe(true);
      expect(result.text).toContain('Argument "photo" is a file named');
    },
  );

  it.each(['', 'image', 'image/png\r\nX-Evil: 1', 'a/b/c', 'image/pñg'])(
    'are refused by the type %j',
    async (mimeType) => {
      const result = await upload({ name: 'a.png', mimeType, data: 'AAAA' });
      expect(result.isError).toBe(true);
      expect(result.text).toContain('no media type');
    },
  );

  it.each([
    ['a.png', 'image/png'],
    ['a b;c=d.txt', 'text/plain; charset=utf-8'],
  ])('arrive as files: %s of %s', async (name, mimeType) => {
    const result = await upload({ name, mimeType, data: 'AAAA' });
    expect(result.structuredContent).toMatchObject({ name, body: {} });
  });
});
