import { Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import {
  AccessToken,
  McpModule,
  McpRegistry,
  McpResource,
  McpScopes,
} from '../../lib/index.js';
import { ENDPOINT_RESOURCE } from '../../lib/auth/server/protected-resources.js';
import { StdioIdentity } from '../../lib/stdio/serve-stdio.js';
import { McpServerFactory } from '../../lib/transport/sdk-server/mcp-server.factory.js';
import { createIssuer, RESOURCE } from '../support/auth-issuer.js';
import { ERAS, MODERN_VERSION } from '../support/json-rpc.js';
import { until } from '../support/until.js';

@Injectable()
class Papers {
  @McpResource({ uri: 'paper://team' })
  team(): string {
    return 'team';
  }

  @McpResource({ uri: 'paper://board' })
  @McpScopes('board')
  board(): string {
    return 'board';
  }
}

describe.each(ERAS)('a connection over stdio in the %s era', (era) => {
  it('is told what its identity may know (MCP, Tools, "List Changed Notification")', async () => {
    const { verifier } = await createIssuer();
    const app = await NestFactory.createApplicationContext(
      {
        module: class App {},
        imports: [
          McpModule.forRoot({
            name: 'papers',
            auth: { verifier, resource: RESOURCE },
          }),
        ],
        providers: [Papers],
      },
      { logger: false, abortOnError: false },
    );
    const registry = app.get(McpRegistry);
    const factory = app.get(McpServerFactory, { strict: false });
    const caller = await StdioIdentity.of(
      app.get<{ auth: never }>(ENDPOINT_RESOURCE, { strict: false }).auth,
      new AccessToken({ token: 'x', subject: 'ada' }),
    );
    const [near, far] = InMemoryTransport.createLinkedPair();
    const handle = serveStdio(
      (asked) => caller.bind(factory.create(asked.era, { hasSession: true })),
      { transport: far },
    );
    const client = new Client(
      { name: 'local', version: '1.0.0' },
      {
        versionNegotiation: {
          mode: era === 'modern' ? { pin: MODERN_VERSION } : 'legacy',
        },
      },
    );
    const heard: string[] = [];
    client.setNotificationHandler(
      'notifications/resources/updated',
      ({ params }) => void heard.push(params.uri),
    );
    client.setNotificationHandler(
      'notifications/tools/list_changed',
      () => void heard.push('tools'),
    );
    await client.connect(near);
    const uris = ['paper://team', 'paper://board'];
    if (era === 'modern') {
      await client.listen({
        resourceSubscriptions: uris,
        toolsListChanged: true,
      });
    } else {
      await client.subscribeResource({ uri: 'paper://team' });
    }
    uris.forEach((uri) => registry.notify.resourceUpdated(uri));
    const handler = () => 1;
    await registry.register({ name: 'b', scopes: ['board'], handler });
    await registry.register({ name: 'a', handler });
    await until(() => heard.length === 2);
    expect(heard).toEqual(['paper://team', 'tools']);
    await client.close();
    await handle.close();
    await app.close();
  });
});
