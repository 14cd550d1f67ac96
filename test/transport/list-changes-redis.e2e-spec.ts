import { jest } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { createClient } from 'redis';
import {
  type McpContext,
  McpModule,
  McpRegistry,
  McpResource,
  McpTool,
  RedisServerEventBus,
  ServerEventBus,
} from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { provide } from '../support/auth-provide.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';
import {
  redisAvailable,
  type RedisServer,
  startRedis,
} from '../support/redis-server.js';
import { connectClient } from '../support/sdk-client.js';
import { until } from '../support/until.js';

// Redis starts and stops.
jest.setTimeout(60_000);

@Injectable()
class Prices {
  @McpResource({ uri: 'price://gold' })
  gold(): string {
    return '1';
  }

  @McpTool({ name: 'raise' })
  raise(_args: unknown, context: McpContext): string {
    context.notify.resourceUpdated('price://gold');
    return 'raised';
  }
}

const suite = redisAvailable() ? describe : describe.skip;
const title = redisAvailable()
  ? 'instances that share Redis'
  : 'instances that share Redis, skipped: there is no redis-server (REDIS_SERVER names one)';

suite(title, () => {
  let redis: RedisServer;
  const clients: { close(): Promise<unknown>; destroy(): void }[] = [];

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    clients.forEach((client) => client.destroy());
    await redis?.stop();
  });

  const connect = async (url = redis.url) => {
    const client = createClient({ url });
    client.on('error', () => undefined);
    clients.push(client);
    return client.connect();
  };

  describe.each(ADAPTERS)('on %s', (adapter) => {
    const instances: BootedApp[] = [];

    const boot = async () => {
      const client = await connect();
      @Module({
        imports: [
          McpModule.forRoot({ name: 'prices', auth: false }),
          McpModule.forRoot({ name: 'others', path: '/others', auth: false }),
          provide({
            provide: ServerEventBus,
            useFactory: () => new RedisServerEventBus({ client }),
          }),
        ],
        providers: [Prices],
      })
      class Instance {}
      const booted = await bootApp(Instance, adapter, UNHELD);
      instances.push(booted);
      return booted;
    };

    beforeAll(async () => {
      await boot();
      await boot();
    });
    afterAll(() => Promise.all(instances.map(({ close }) => close())));

    const at = (index: number, path = '/mcp') =>
      `${instances[index]?.url ?? ''}${path}`;

    it.each(ERAS)(
      'what a call on one publishes reaches those who listen on the other, in the %s era',
      async (era) => {
        const client = await connectClient(at(1), era);
        const heard: string[] = [];
        client.setNotificationHandler(
          'notifications/resources/updated',
          ({ params }) => void heard.push(params.uri),
        );
        const uri = 'price://gold';
        if (era === 'modern') {
          await client.listen({ resourceSubscriptions: [uri] });
        } else {
          await client.subscribeResource({ uri });
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        await callTool(at(0), 'raise');
        await until(() => heard.length === 1);
        await callTool(at(1), 'raise');
        await until(() => heard.length === 2);
        expect(heard).toEqual([uri, uri]);
        const { transport } = client as {
          transport?: { terminateSession?(): Promise<void> };
        };
        await transport?.terminateSession?.();
        await client.close();
      },
    );

    it('a tool that is registered on one is told of to the listeners of that server alone (MCP, Tools, "List Changed Notification")', async () => {
      const heard: string[] = [];
      const open = await Promise.all(
        [at(1), at(1, '/others')].map(async (endpoint) => {
          const client = await connectClient(endpoint, 'modern');
          client.setNotificationHandler(
            'notifications/tools/list_changed',
            () => void heard.push(endpoint),
          );
          await client.listen({ toolsListChanged: true });
          return client;
        }),
      );
      const registry = instances[0]?.app
        .get(McpRegistry, { each: true })
        .find(({ name }) => name === 'prices');
      const tool = await registry?.register({ name: 'x', handler: () => 1 });
      await until(() => heard.length === 1);
      tool?.remove();
      await until(() => heard.length === 2);
      expect(heard).toEqual([at(1), at(1)]);
      await Promise.all(open.map((client) => client.close()));
    });
  });

  describe('while Redis is away', () => {
    let own: RedisServer;
    const buses: RedisServerEventBus[] = [];

    beforeAll(async () => {
      own = await startRedis();
    });
    // What keeps connecting would keep the process alive.
    afterAll(async () => {
      buses.forEach((bus) => bus.onApplicationShutdown());
      await own.stop();
    });

    it('an instance hears its own events, and those of others once it is back', async () => {
      const open = async () => {
        const client = await connect(own.url);
        const bus = new RedisServerEventBus({ client });
        buses.push(bus);
        await bus.onApplicationBootstrap();
        return { client, bus };
      };
      const first = await open();
      const second = await open();
      const heard: string[] = [];
      first.bus.subscribe(() => heard.push('first'));
      second.bus.subscribe(() => heard.push('second'));
      await own.stop();
      await until(() => !first.client.isReady);
      first.bus.publish({ kind: 'tools_list_changed' });
      expect(heard).toEqual(['first']);
      own = await startRedis(own.port);
      await until(() => {
        first.bus.publish({ kind: 'tools_list_changed' });
        return heard.includes('second');
      }, 15_000);
    });
  });
});
