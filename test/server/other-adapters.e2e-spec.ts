import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  Param,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';
import { createServer as createSocketServer } from 'node:net';
import { request as send } from 'node:http';
import { getHttpHeaders, McpModule } from '../../lib/index.js';
import { NodeAdapter } from '../support/adapters.js';
import { HandClient, TestLogin } from '../support/authorization-server.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import { freePort } from '../support/free-port.js';
import { PageBrowser } from '../support/page-browser.js';
import { ERAS, rpcBody, rpcHeaders } from '../support/json-rpc.js';
import { sendRaw } from '../support/raw-http.js';

/** An adapter that the library knows nothing of, but that it serves a server of node:http. */
class OtherAdapter extends NodeAdapter {
  override getType(): string {
    return 'other';
  }
}

/** Has the type of a known one, and another router. */
class ChangedAdapter extends NodeAdapter {
  override getInstance<T>(): T {
    const router: object = super.getInstance();
    return Object.create(router, { useExact: { value: undefined } }) as T;
  }
}

class SocketAdapter extends NodeAdapter {
  override getType(): string {
    return 'sockets';
  }

  override initHttpServer(): void {
    this.setHttpServer(createSocketServer() as never);
  }
}

@Injectable()
class Badge implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context
      .switchToHttp()
      .getRequest<{ headers: object }>();
    return 'x-badge' in headers;
  }
}

@Controller('things')
class ThingsController {
  @Get(':id')
  find(@Param('id') id: string, @Query('tag') tag?: string): object {
    return { id, tag, agent: getHttpHeaders()['x-agent'] };
  }

  @Post()
  make(@Body() body: object): object {
    return body;
  }

  @Get('guarded/:id')
  @UseGuards(Badge)
  guarded(@Param('id') id: string): object {
    return { id };
  }
}

@Module({
  imports: [
    McpModule.forRoot({
      name: 'things',
      auth: false,
      expose: 'all',
      limits: { maxRequestBytes: 1000 },
    }),
  ],
  controllers: [ThingsController],
})
class ThingsModule {}

const PING = rpcBody('modern', 'tools/list', {});
const HEADERS = rpcHeaders('modern', 'tools/list', {});

describe.each([
  ['of another kind', () => new OtherAdapter()],
  ['of a known type, changed', () => new ChangedAdapter()],
])('an adapter %s on a server of node:http', (_kind, create) => {
  let booted: BootedApp;
  let endpoint: string;
  beforeAll(async () => {
    booted = await bootApp(ThingsModule, create(), {
      configure: (app) => {
        app.use(
          (request: { url: string }, _response: unknown, next: () => void) => {
            if (request.url === '/elsewhere') request.url = '/mcp';
            next();
          },
        );
      },
    });
    endpoint = `${booted.url}/mcp`;
  });
  afterAll(() => booted?.close());

  it.each(ERAS)('is called through its own routes (%s)', async (era) => {
    const found = await callTool(
      endpoint,
      'things_find',
      { id: 'a b', tag: 'x&y' },
      { era, headers: { 'x-agent': 'ann' } },
    );
    expect(found.structuredContent).toEqual({
      id: 'a b',
      tag: 'x&y',
      agent: 'ann',
    });
    const refused = await callTool(
      endpoint,
      'things_guarded',
      { id: 'x' },
      { era },
    );
    expect(refused.isError).toBe(true);
    expect(refused.text).toContain('Forbidden');
  });

  it('runs no route of Nest but the one that is meant', async () => {
    const result = await callTool(endpoint, 'things_find', { id: '..' });
    expect(result.isError).toBe(true);
  });

  it.each(['mcp', 'MCP', '%6dcp', 'mcp/'])(
    'admits nobody to /%s without a look at the origin',
    async (path) => {
      const { status, text } = await sendRaw(`${booted.url}/${path}`, {
        method: 'POST',
        headers: { ...HEADERS, origin: 'https://evil.example' },
        body: JSON.stringify(PING),
      });
      expect(status).toBe(403);
      expect(JSON.parse(text)).toMatchObject({ error: { code: -32600 } });
    },
  );

  it('answers 404 to whoever gets to the endpoint by another path', async () => {
    const { status, text } = await sendRaw(`${booted.url}/elsewhere`, {
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify(PING),
    });
    expect(status).toBe(404);
    expect(JSON.parse(text)).toHaveProperty('error');
  });

  it('takes no body that is longer than the limit, nor one of unknown length', async () => {
    const body = JSON.stringify({ ...PING, filler: 'x'.repeat(1000) });
    const long = await sendRaw(endpoint, {
      method: 'POST',
      headers: HEADERS,
      body,
    });
    expect(long.status).toBe(413);
    expect(long.text).toContain('maxRequestBytes');
    const status = await new Promise((resolve, reject) => {
      const request = send(
        endpoint,
        { method: 'POST', headers: HEADERS, agent: false },
        (response) => resolve(response.resume().statusCode),
      ).on('error', reject);
      request.write('{"jsonrpc":');
      request.end('"2.0"}');
    });
    expect(status).toBe(411);
  });
});

describe.each([
  ['of another kind', () => new OtherAdapter()],
  ['of a known type, changed', () => new ChangedAdapter()],
])('an authorization server on an adapter %s', (_kind, create) => {
  let booted: BootedApp;
  let client: HandClient;
  beforeAll(async () => {
    const port = await freePort();
    const issuer = `http://127.0.0.1:${port}`;
    class IssuingApp {}
    booted = await bootApp(
      {
        module: IssuingApp,
        imports: [
          McpModule.forRoot({
            name: 'things',
            expose: 'all',
            auth: {
              resource: `${issuer}/mcp`,
              authorizationServer: { login: new TestLogin() },
            },
          }),
        ],
        controllers: [ThingsController],
      },
      create(),
      { port },
    );
    client = new HandClient(issuer, `${issuer}/mcp`);
  });
  afterAll(() => booted?.close());

  it('registers a client and logs a person in', async () => {
    const code = await client.logIn(new PageBrowser());
    const answer = await client.token({ code });
    expect(answer.status).toBe(200);
    const { access_token: token } = (await answer.json()) as {
      access_token: string;
    };
    const { structuredContent } = await callTool(
      client.resource,
      'things_find',
      { id: 'a' },
      { headers: { authorization: `Bearer ${token}` } },
    );
    expect(structuredContent).toMatchObject({ id: 'a' });
  });

  it('refuses bodies that are too large in the form of OAuth', async () => {
    const answer = await fetch(`${client.issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: 'x'.repeat(70_000) }),
    });
    expect(answer.status).toBe(413);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(await answer.json()).toHaveProperty('error', 'invalid_request');
  });
});

it('an adapter without a server of node:http stops the application', async () => {
  await expect(bootApp(ThingsModule, new SocketAdapter())).rejects.toThrow(
    'McpModule cannot serve the HTTP adapter "sockets": its server is none of node:http.',
  );
});
