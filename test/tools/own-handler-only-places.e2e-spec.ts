import {
  Controller,
  Get,
  Module,
  Param,
  Post,
  type Type,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
  type VersioningOptions,
} from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import express from 'express';
import {
  McpModule,
  McpResource,
  McpTool,
  StaticTokenVerifier,
} from '../../lib/index.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, type ToolResult } from '../support/call-tool.js';
import { ERAS, rpc } from '../support/json-rpc.js';

/** Handlers that have run. */
const ran: string[] = [];

const HEADERS = { authorization: 'Bearer good' };

const refused = (result: ToolResult): void => {
  expect(result.isError).toBe(true);
  expect(ran).toEqual([]);
};

beforeEach(() => void ran.splice(0));

@Controller({ path: 'hosted', host: '127.0.0.1' })
class HereController {
  @Get('here')
  here(): string {
    ran.push('here');
    return 'secret';
  }
}

@Controller({ path: 'hosted', host: 'admin.example.com' })
class ElsewhereController {
  @Get('there')
  there(): string {
    ran.push('there');
    return 'secret';
  }
}

@Controller({ path: 'hosted', host: ['127.0.0.1', ':any.example.com'] })
class PatternController {
  @Get('pattern')
  pattern(): string {
    ran.push('pattern');
    return 'secret';
  }
}

@Controller('hosted')
class HostedController {
  @McpTool()
  @Get(':id')
  one(@Param('id') id: string): object {
    ran.push(`one ${id}`);
    return { id };
  }
}

@Controller({ path: 'bound', host: '127.0.0.1' })
class BoundController {
  @McpTool()
  @Get(':id')
  one(@Param('id') id: string): object {
    ran.push(`bound ${id}`);
    return { id };
  }
}

@Controller('bound')
class UnboundController {
  @Get('anywhere')
  anywhere(): string {
    ran.push('anywhere');
    return 'secret';
  }
}

@Module({
  imports: [McpModule.forRoot({ name: 'hosts' })],
  controllers: [
    HereController,
    ElsewhereController,
    PatternController,
    HostedController,
    UnboundController,
    BoundController,
  ],
})
class HostsModule {}

describe.each(ADAPTERS)(
  'siblings that are bound to a host on %s',
  (adapter) => {
    let booted: BootedApp;
    beforeAll(async () => {
      booted = await bootApp(HostsModule, adapter);
    });
    afterAll(() => booted?.close());

    describe.each(ERAS)('in the %s era', (era) => {
      it.each([
        ['hosted_one', 'here'],
        ['hosted_one', 'pattern'],
        ['bound_one', 'anywhere'],
      ])('are not run by %s', async (name, id) => {
        refused(await callTool(`${booted.url}/mcp`, name, { id }, { era }));
      });

      it('of another host are not run, either', async () => {
        const result = await callTool(
          `${booted.url}/mcp`,
          'hosted_one',
          { id: 'there' },
          { era },
        );
        expect(ran).not.toContain('there');
        // Express goes on to the route that is meant; others know no other.
        expect(result.isError).toBe(adapter !== 'express');
      });

      it.each(['hosted_one', 'bound_one'])('do not hide %s', async (name) => {
        const result = await callTool(
          `${booted.url}/mcp`,
          name,
          { id: 'x' },
          { era },
        );
        expect(result.structuredContent).toEqual({ id: 'x' });
      });
    });
  },
);

@Controller({ path: 'mixed', version: VERSION_NEUTRAL })
class NeutralController {
  @Get('neutral')
  neutral(): string {
    ran.push('neutral');
    return 'secret';
  }
}

@Controller({ path: 'mixed', version: ['1', '2'] })
class MixedController {
  @Get('both')
  both(): string {
    ran.push('both');
    return 'secret';
  }

  @Version('1')
  @Get('first')
  first(): string {
    ran.push('first');
    return 'secret';
  }

  @McpTool({ version: '1', headers: { 'x-v': '1' } })
  @Version(['1', VERSION_NEUTRAL])
  @Get(':id')
  one(@Param('id') id: string): object {
    ran.push(`one ${id}`);
    return { id };
  }
}

@Module({
  imports: [McpModule.forRoot({ name: 'versions' })],
  controllers: [NeutralController, MixedController],
})
class VersionsModule {}

const VERSIONINGS: readonly [string, VersioningOptions][] = [
  [
    'CUSTOM',
    {
      type: VersioningType.CUSTOM,
      extractor: (request) =>
        (request as { headers: Record<string, string> }).headers['x-v'] ?? '2',
    },
  ],
  [
    'CUSTOM, of several versions,',
    {
      type: VersioningType.CUSTOM,
      extractor: (request) => {
        const { headers } = request as { headers: Record<string, string> };
        return headers['x-v'] === undefined ? ['2'] : ['3', headers['x-v']];
      },
    },
  ],
  ['HEADER', { type: VersioningType.HEADER, header: 'x-v' }],
  ['URI', { type: VersioningType.URI }],
  ['MEDIA_TYPE', { type: VersioningType.MEDIA_TYPE, key: 'v=' }],
];

describe.each(ADAPTERS)('siblings of mixed versions on %s', (adapter) => {
  describe.each(VERSIONINGS)('by %s versioning', (_name, versioning) => {
    let booted: BootedApp;
    beforeAll(async () => {
      booted = await bootApp(VersionsModule, adapter, {
        configure: (app) => void app.enableVersioning(versioning),
      });
    });
    afterAll(() => booted?.close());

    describe.each(ERAS)('in the %s era', (era) => {
      it.each(['neutral', 'both', 'first'])(
        'are not run, which has %s',
        async (id) => {
          const result = await callTool(
            `${booted.url}/mcp`,
            'mixed_one',
            { id },
            { era },
          );
          // A sibling of another version, or of none, need not be in the way.
          expect(ran).toEqual(result.isError ? [] : [`one ${id}`]);
          if (id !== 'neutral') expect(result.isError).toBe(true);
        },
      );

      it('do not hide the one that is meant', async () => {
        const result = await callTool(
          `${booted.url}/mcp`,
          'mixed_one',
          { id: 'x' },
          { era },
        );
        expect(result.structuredContent).toEqual({ id: 'x' });
      });
    });
  });
});

/** A tool whose value can be any path of the application. */
const wildcardOf = (adapter: AdapterName): Type<unknown> => {
  @Controller()
  class RootController {
    @McpTool({ name: 'by_code' })
    @Get(':code')
    byCode(@Param('code') code: string): object {
      ran.push(`code ${code}`);
      return { code };
    }

    @McpTool({ name: 'by_path' })
    @Get(adapter === 'fastify' ? '*' : '*path')
    byPath(@Param() params: object): object {
      ran.push('path');
      return params;
    }

    @McpTool({ name: 'post_path' })
    @Post(adapter === 'fastify' ? '*' : '*path')
    postPath(@Param() params: object): object {
      ran.push('post');
      return params;
    }
  }
  return RootController;
};

/** Swagger UI; its pages are stood in for where they need `@fastify/static` or `serve-static`. */
const serveDocs =
  (adapter: AdapterName) =>
  (app: INestApplication): void => {
    SwaggerModule.setup(
      'docs',
      app,
      SwaggerModule.createDocument(app, new DocumentBuilder().build()),
      { ui: adapter === 'express' },
    );
    if (adapter === 'express') return;
    for (const path of [
      '/docs',
      adapter === 'node' ? '/docs/*path' : '/docs/*',
    ]) {
      app
        .getHttpAdapter()
        .get(path, (_request: unknown, reply: { send(text: string): void }) => {
          ran.push('page');
          reply.send('page');
        });
    }
  };

const AUTH = {
  resource: 'https://api.example.com/mcp',
  authorizationServers: ['https://login.example.com'],
  verifier: new StaticTokenVerifier({ good: { sub: 'ann' } }),
};

describe.each(ADAPTERS)('what is served beside Nest on %s', (adapter) => {
  let booted: BootedApp;
  beforeAll(async () => {
    @Module({ controllers: [wildcardOf(adapter)] })
    class WildcardModule {}
    @Module({
      // In this order, or the wildcard takes the requests of the endpoint.
      imports: [
        McpModule.forRoot({ name: 'docs', auth: AUTH }),
        WildcardModule,
      ],
    })
    class DocsModule {}
    booted = await bootApp(DocsModule, adapter, {
      configure: serveDocs(adapter),
    });
  });
  afterAll(() => booted?.close());

  const DOCUMENTS = [
    '.well-known/oauth-protected-resource',
    '.well-known/oauth-protected-resource/mcp',
  ];

  it.each(['docs', 'docs-json', 'docs-yaml', String(DOCUMENTS[1])])(
    'has %s',
    async (path) => {
      expect((await fetch(`${booted.url}/${path}`)).status).toBe(200);
    },
  );

  describe.each(ERAS)('in the %s era', (era) => {
    it.each([
      ...['docs', 'docs-json', 'docs-yaml', 'mcp'].map((value) => [
        'by_code',
        'code',
        value,
      ]),
      ...[
        'docs',
        'docs/swagger-ui-init.js',
        'docs/swagger-ui.css',
        'docs-json',
        'mcp',
        ...DOCUMENTS,
      ].map((value) => ['by_path', 'path', value]),
      ['post_path', 'path', 'mcp'],
      ...(adapter === 'express'
        ? [
            ['by_code', 'code', 'DOCS-JSON'],
            ['by_path', 'path', 'Docs/swagger-ui-init.js'],
            ['by_path', 'path', '.Well-Known/OAuth-Protected-Resource/mcp'],
            ['post_path', 'path', 'MCP'],
          ]
        : []),
    ])('is not run by %s with %s "%s"', async (name, argument, value) => {
      refused(
        await callTool(
          `${booted.url}/mcp`,
          String(name),
          { [String(argument)]: value },
          { era, headers: HEADERS },
        ),
      );
    });

    it.each([
      ['by_code', 'code', 'document'],
      ['by_path', 'path', 'other/docs'],
      ['post_path', 'path', 'docs-of-others'],
    ])('does not hide %s with %s "%s"', async (name, argument, value) => {
      const result = await callTool(
        `${booted.url}/mcp`,
        name,
        { [argument]: value },
        { era, headers: HEADERS },
      );
      expect(result.isError).toBe(false);
      expect(ran).toHaveLength(1);
    });
  });
});

/** Answers at its place, as a file server or a page of metrics does. */
const answerThere = (
  request: { method?: string; originalUrl?: string; url?: string },
  response: { end(text: string): void },
  next: () => void,
): void => {
  if (/there$/i.test(request.originalUrl ?? request.url ?? '')) {
    response.end('secret');
  } else {
    next();
  }
};

@Controller('things')
class ThingController {
  @McpResource({ uri: 'things://{id}' })
  @McpTool({ name: 'thing' })
  @Get(':id')
  one(@Param('id') id: string): object {
    ran.push(`one ${id}`);
    return { id };
  }

  @McpTool({ name: 'fixed' })
  @Get('fixed/there')
  fixed(): string {
    ran.push('fixed');
    return 'of the route';
  }
}

@Module({
  imports: [McpModule.forRoot({ name: 'answering' })],
  controllers: [ThingController],
})
class OneWayModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(answerThere).forRoutes('things/there');
  }
}

@Module({
  imports: [McpModule.forRoot({ name: 'answering' })],
  controllers: [ThingController],
})
class EveryWayModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(answerThere).forRoutes('*path');
  }
}

@Module({
  imports: [McpModule.forRoot({ name: 'answering' })],
  controllers: [ThingController],
})
class PlainModule {}

describe.each(ADAPTERS)(
  'middleware that answers by itself on %s',
  (adapter) => {
    describe.each<[string, Type<unknown>, (app: INestApplication) => unknown]>([
      ['of one path', OneWayModule, () => undefined],
      ['of every path', EveryWayModule, () => undefined],
      ['of the adapter', PlainModule, (app) => app.use(answerThere)],
      [
        'of the adapter, with a path',
        PlainModule,
        (app) => app.use('/things/there', answerThere),
      ],
    ])('%s', (_place, module, configure) => {
      let booted: BootedApp;
      beforeAll(async () => {
        booted = await bootApp(module, adapter, {
          configure: (app) => void configure(app),
        });
      });
      afterAll(() => booted?.close());

      it('answers over HTTP', async () => {
        const answer = await fetch(`${booted.url}/things/there`);
        expect(await answer.text()).toBe('secret');
      });

      describe.each(ERAS)('in the %s era', (era) => {
        it.each(['there', ...(adapter === 'express' ? ['THERE'] : [])])(
          'does not answer for a tool that is called with its name "%s"',
          async (id) => {
            const result = await callTool(
              `${booted.url}/mcp`,
              'thing',
              { id },
              { era },
            );
            refused(result);
            expect(result.text).toContain('names another route');
          },
        );

        it('does not answer for a resource that is read by its name', async () => {
          const answer = await rpc(`${booted.url}/mcp`, era, 'resources/read', {
            uri: 'things://there',
          });
          expect(answer.text).not.toContain('secret');
          expect(answer.response?.error?.message).toContain('another route');
        });

        it('does not hide the route', async () => {
          const result = await callTool(
            `${booted.url}/mcp`,
            'thing',
            { id: 'x' },
            { era },
          );
          expect(result.structuredContent).toEqual({ id: 'x' });
        });
      });
    });

    it('answers for a route that has no value in its path, as over HTTP', async () => {
      const booted = await bootApp(PlainModule, adapter, {
        configure: (app) => void app.use(answerThere),
      });
      try {
        const result = await callTool(`${booted.url}/mcp`, 'fixed');
        expect([result.isError, result.text]).toEqual([false, 'secret']);
      } finally {
        await booted.close();
      }
    });
  },
);

describe('a route on Express itself that takes every URL', () => {
  @Controller('things')
  class ThingsController {
    @McpTool()
    @Get('all')
    all(): string {
      return 'all';
    }

    @McpResource({ uri: 'things://{id}' })
    @McpTool()
    @Get(':id')
    one(@Param('id') id: string): object {
      return { id };
    }

    @McpTool()
    @Post()
    add(): string {
      return 'added';
    }
  }
  @Module({
    imports: [McpModule.forRoot({ name: 'things' })],
    controllers: [ThingsController],
  })
  class ThingsModule {}

  const look: express.RequestHandler = (_request, _response, next) => next();
  const warningsOf = async (
    configure: (app: express.Application, nest: INestApplication) => unknown,
  ): Promise<string[]> => {
    const { logger, close } = await bootApp(ThingsModule, 'express', {
      configure: async (nest) => {
        const application = nest
          .getHttpAdapter()
          .getInstance() as express.Application;
        await configure(application, nest);
      },
    });
    await close();
    return logger.of('warn').filter((line) => line.includes('is refused'));
  };

  it.each<[string, (app: express.Application) => unknown, string]>([
    ['all()', (app) => app.all('*splat', look), '*splat'],
    [
      'all() on a router',
      (app) => {
        const router = express.Router();
        router.all('/{*any}', look);
        app.use(router);
      },
      '/{*any}',
    ],
    ['a regular expression', (app) => app.all(/.*/, look), '/.*/'],
  ])('is told of once, by %s', async (_way, configure, path) => {
    expect(await warningsOf(configure)).toEqual([
      // Of the tools, and of the resource.
      expect.stringMatching(
        /GET \/things\/all \(.+\), GET \/things\/:id \(.+\), POST \/things/,
      ),
      expect.stringContaining('GET /things/:id (ThingsController.one): every'),
    ]);
    for (const line of await warningsOf(configure)) {
      expect(line).toContain(`The route "${path}"`);
      expect(line).toContain('register it by app.use()');
    }
  });

  it('is told of with those alone that it takes', async () => {
    expect(await warningsOf((app) => app.get('/things/all', look))).toEqual([
      expect.stringMatching(
        /"\/things\/all".+URL of GET \/things\/all \(\S+: /,
      ),
    ]);
  });

  it.each<
    [string, (app: express.Application, nest: INestApplication) => unknown]
  >([
    ['as middleware', (app) => app.use(look)],
    ['as middleware with a path', (app) => app.use('{*all}', look)],
    ['for one path', (app) => app.get('/health', look)],
    ['for another method', (app) => app.delete('*splat', look)],
    [
      'after those of Nest',
      async (app, nest) => {
        await nest.init();
        app.all('*splat', look);
      },
    ],
  ])('is no reason for a warning %s', async (_way, configure) => {
    expect(await warningsOf(configure)).toEqual([]);
  });
});
