import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { McpAuthGuard, McpAuthModule, McpModule } from '../../lib/index.js';
import { McpAuthorizationServerModule } from '../../lib/authorization-server/index.js';
import { NotesModule } from '../fixtures/auth/notes.controller.js';
import { ADAPTERS } from '../support/adapters.js';
import {
  agree,
  HandClient,
  TestLogin,
} from '../support/authorization-server.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { freePort } from '../support/free-port.js';
import { PageBrowser } from '../support/page-browser.js';

@Controller('reports')
@UseGuards(McpAuthGuard)
class ReportsController {
  @Get()
  list(): string[] {
    return ['one'];
  }
}

describe.each(ADAPTERS)('McpAuthorizationServerModule on %s', (adapter) => {
  let booted: BootedApp | undefined;
  afterEach(() => booted?.close());

  it.each(['forRoot', 'forRootAsync'] as const)(
    '%s issues tokens for an MCP server and for ordinary routes, each its own',
    async (method) => {
      const port = await freePort();
      const issuer = `http://127.0.0.1:${port}`;
      const endpoint = `${issuer}/mcp`;
      const reports = `${issuer}/reports`;
      const options = {
        resources: [endpoint, reports],
        registration: { validScopes: ['notes:read', 'notes:write'] },
        login: new TestLogin(),
      };
      @Module({
        imports: [
          method === 'forRoot'
            ? McpAuthorizationServerModule.forRoot(options)
            : McpAuthorizationServerModule.forRootAsync({
                useFactory: () => Promise.resolve(options),
              }),
          // Neither names a verifier: that of the authorization server is the default.
          McpModule.forRoot({ name: 'notes', auth: { resource: endpoint } }),
          McpAuthModule.forRoot({ resource: reports }),
          NotesModule,
        ],
        controllers: [ReportsController],
      })
      class App {}
      booted = await bootApp(App, adapter, { port });

      const metadata = await fetch(
        `${issuer}/.well-known/oauth-protected-resource/mcp`,
      );
      expect(await metadata.json()).toMatchObject({
        resource: endpoint,
        authorization_servers: [issuer],
      });
      const tokenFor = async (resource: string): Promise<string> => {
        const client = new HandClient(issuer, resource);
        await client.register();
        const browser = new PageBrowser();
        const end = await agree(
          browser,
          await browser.open(client.authorizationUrl()),
        );
        const response = await client.token({
          code: end.url.searchParams.get('code') ?? '',
        });
        const { access_token: token } = (await response.json()) as {
          access_token: string;
        };
        return token;
      };
      const ask = async (token: string): Promise<[number, number]> => {
        const headers = {
          authorization: `Bearer ${token}`,
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
        };
        const body = JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/list',
          params: {},
        });
        const mcp = await fetch(endpoint, { method: 'POST', headers, body });
        const rest = await fetch(reports, { headers });
        return [mcp.status, rest.status];
      };
      expect(await ask(await tokenFor(endpoint))).toEqual([200, 401]);
      expect(await ask(await tokenFor(reports))).toEqual([401, 200]);
    },
  );
});
