import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { McpModule, McpRegistry, McpTool } from '../../lib/index.js';
import { ZooModule } from '../fixtures/exposure/zoo.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, UNHELD } from '../support/boot-app.js';
import { callTool, toolNames } from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';
import { connectClient } from '../support/sdk-client.js';
import { until } from '../support/until.js';

@Injectable()
export class Settings {
  readonly path = '/from-factory';
}

@Module({ providers: [Settings], exports: [Settings] })
export class SettingsModule {}

describe.each(ADAPTERS)(
  'several servers in one application on %s',
  (adapter) => {
    @Module({
      imports: [
        McpModule.forRoot({
          name: 'readers',
          path: '/readers',
          expose: 'all',
          include: { methods: ['GET'] },
        }),
        McpModule.forRoot({
          name: 'writers',
          path: '/writers',
          exclude: { methods: ['GET'] },
        }),
        ZooModule,
      ],
    })
    class App {}

    it('are told apart by name and path of their registries', async () => {
      const booted = await bootApp(App, adapter, {
        configure: (app) => void app.setGlobalPrefix('api'),
      });
      try {
        const registries = booted.app.get(McpRegistry, { each: true });
        expect(registries.map(({ name, path }) => [name, path])).toEqual([
          ['readers', '/api/readers'],
          ['writers', '/api/writers'],
        ]);
      } finally {
        await booted.close();
      }
    });

    it('have each their own tools, and call no other', async () => {
      const booted = await bootApp(App, adapter);
      try {
        const readers = await toolNames(`${booted.url}/readers`);
        const writers = await toolNames(`${booted.url}/writers`);
        expect(readers).toContain('plain_read');
        expect(writers).toEqual([
          'adopt-animal.v1',
          'dismiss',
          'keepers_replace',
        ]);
        expect(readers.filter((name) => writers.includes(name))).toEqual([]);
        await expect(
          callTool(`${booted.url}/readers`, 'dismiss', { id: '1' }),
        ).rejects.toThrow(/-32602/);
        expect(
          (await callTool(`${booted.url}/writers`, 'dismiss', { id: '1' }))
            .structuredContent,
        ).toEqual({ removed: '1' });
      } finally {
        await booted.close();
      }
    });
  },
);

describe.each(ADAPTERS)('the identity of a server on %s', (adapter) => {
  const identity = {
    name: 'atlas',
    version: '7.1.0',
    title: 'The Atlas',
    description: 'Countries of the world',
    websiteUrl: 'https://example.com/atlas',
    icons: [{ src: 'https://example.com/icon.png' }],
  };

  @Module({
    imports: [
      McpModule.forRoot({
        ...identity,
        instructions: 'Search before you read.',
      }),
      ZooModule,
    ],
  })
  class App {}

  it.each(ERAS)(
    'reaches the client, each part as what it is (%s)',
    async (era) => {
      const booted = await bootApp(App, adapter, UNHELD);
      const client = await connectClient(`${booted.url}/mcp`, era);
      try {
        expect(client.getServerVersion()).toMatchObject(identity);
        expect(client.getInstructions()).toBe('Search before you read.');
        expect(client.getServerCapabilities()).toHaveProperty('tools');
      } finally {
        await client.close();
        await booted.close();
      }
    },
  );
});

describe.each(ADAPTERS)('the path of the endpoint on %s', (adapter) => {
  it('may come from a factory that awaits', async () => {
    @Module({
      imports: [
        McpModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: async (settings: Settings) => {
            await new Promise((resolve) => setTimeout(resolve, 5));
            return { name: 'async', path: settings.path, expose: 'all' };
          },
        }),
        ZooModule,
      ],
    })
    class App {}
    const booted = await bootApp(App, adapter);
    expect(await toolNames(`${booted.url}/from-factory`)).toContain(
      'plain_read',
    );
    expect((await fetch(`${booted.url}/mcp`, { method: 'POST' })).status).toBe(
      404,
    );
    await booted.close();
  });

  it('may come from a factory class', async () => {
    @Injectable()
    class Factory {
      createMcpOptions() {
        return { name: 'class', path: '/by-class' };
      }
    }
    @Module({
      imports: [McpModule.forRootAsync({ useClass: Factory }), ZooModule],
    })
    class App {}
    const booted = await bootApp(App, adapter);
    expect(await toolNames(`${booted.url}/by-class`)).toContain('dismiss');
    await booted.close();
  });

  it('is under the global prefix, unless useGlobalPrefix is false', async () => {
    @Module({
      imports: [
        McpModule.forRoot({ name: 'in', path: '/in' }),
        McpModule.forRoot({
          name: 'out',
          path: '/out',
          useGlobalPrefix: false,
        }),
        ZooModule,
      ],
    })
    class App {}
    const booted = await bootApp(App, adapter, {
      configure: (app) => {
        app.setGlobalPrefix('api', { exclude: ['plain'] });
        app.enableVersioning();
      },
    });
    try {
      for (const path of ['/api/in', '/out']) {
        const endpoint = `${booted.url}${path}`;
        expect(await toolNames(endpoint)).toContain('dismiss');
        expect(
          (await callTool(endpoint, 'dismiss', { id: '1' })).structuredContent,
        ).toEqual({ removed: '1' });
      }
      for (const path of ['/in', '/api/out']) {
        const answer = await fetch(`${booted.url}${path}`, { method: 'POST' });
        expect(answer.status).toBe(404);
      }
      expect((await fetch(`${booted.url}/plain`)).status).toBe(200);
    } finally {
      await booted.close();
    }
  });

  it.each(['mcp', '/mcp/', 'deep/er/mcp'])(
    'is the same with and without slashes around it: %s',
    async (path) => {
      @Module({ imports: [McpModule.forRoot({ name: 'x', path }), ZooModule] })
      class App {}
      const clean = `/${path.replace(/^\/|\/$/g, '')}`;
      const booted = await bootApp(App, adapter).catch((e: Error) => e);
      if (booted instanceof Error) {
        // Refused at start-up, with the remedy, is as good as normalised.
        expect(booted.message).toContain('path');
        return;
      }
      expect(await toolNames(`${booted.url}${clean}`)).toContain('dismiss');
      await booted.close();
    },
  );
});

describe('refresh()', () => {
  @Injectable()
  class LateTools {
    @McpTool({ name: 'late', description: 'Came later' })
    late(): string {
      return 'late';
    }
  }

  @Module({ providers: [LateTools] })
  class LateModule {}

  @Controller('early')
  class EarlyController {
    @Get()
    @McpTool({ name: 'early' })
    early(): string {
      return 'early';
    }
  }

  @Module({
    imports: [McpModule.forRoot({ name: 'refresh' })],
    controllers: [EarlyController],
  })
  class App {}

  it.each(ADAPTERS)(
    'finds new tools and tells clients (%s)',
    async (adapter) => {
      const booted = await bootApp(App, adapter);
      const endpoint = `${booted.url}/mcp`;
      const client = await connectClient(endpoint, 'modern');
      let told = 0;
      try {
        client.setNotificationHandler(
          'notifications/tools/list_changed',
          () => void told++,
        );
        const subscription = await client.listen({ toolsListChanged: true });
        expect(await toolNames(endpoint)).toEqual(['early']);
        await booted.app.get(LazyModuleLoader).load(() => LateModule);
        const registry = booted.app.get(McpRegistry, { strict: false });
        await registry.refresh();
        await until(() => told > 0);
        expect(await toolNames(endpoint)).toEqual(['early', 'late']);
        expect(registry.tools.map(({ name }) => name)).toEqual([
          'early',
          'late',
        ]);
        expect((await callTool(endpoint, 'late')).text).toBe('late');
        await registry.refresh();
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(told).toBe(1);
        await subscription.close();
      } finally {
        await client.close();
        await booted.close();
      }
    },
  );
});
