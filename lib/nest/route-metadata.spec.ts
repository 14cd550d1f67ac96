import {
  All,
  Controller,
  Delete,
  Get,
  type INestApplication,
  Module,
  Param,
  Post,
  RequestMethod,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
} from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryModule,
  DiscoveryService,
  ModulesContainer,
  RouterModule,
} from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { readRoutes } from './route-metadata.js';
import type { Route } from './route.interface.js';

@Controller(['cats', 'felines'])
class CatsController {
  @Get()
  list(): void {}

  @Get(['one/:id', 'single/:id'])
  one(@Param('id') id: string): string {
    return id;
  }

  @All('any')
  any(): void {}
}

@Controller({ path: 'dogs', version: ['1', '2'] })
class DogsController {
  @Get()
  list(): void {}

  @Version('3')
  @Post()
  create(): void {}

  @Version(VERSION_NEUTRAL)
  @Delete(':id')
  remove(): void {}

  @Version(['4', VERSION_NEUTRAL] as never)
  @Get('mixed')
  mixed(): void {}
}

@Controller('health')
class HealthController {
  @Get()
  check(): void {}
}

class BaseController {
  @Get('inherited')
  inherited(): void {}

  @Get('dropped')
  dropped(): void {}
}

@Controller('derived')
class DerivedController extends BaseController {
  override dropped(): void {}
}

@Controller()
class RootController {
  @Get()
  root(): void {}
}

@Module({ controllers: [DogsController] })
class DogsModule {}

@Module({ controllers: [CatsController] })
class CatsModule {}

@Module({
  imports: [
    DiscoveryModule,
    CatsModule,
    DogsModule,
    RouterModule.register([
      {
        path: 'animals',
        module: CatsModule,
        children: [{ path: 'loud', module: DogsModule }],
      },
    ]),
  ],
  controllers: [HealthController, DerivedController, RootController],
})
class AppModule {}

const settings: [string, (app: INestApplication) => void][] = [
  ['nothing', () => undefined],
  [
    'a prefix with exclusions',
    (app) =>
      app.setGlobalPrefix('/api/', {
        exclude: [{ path: 'health', method: RequestMethod.GET }],
      }),
  ],
  [
    'a prefix and URI versioning with a default version',
    (app) =>
      app.setGlobalPrefix('api', { exclude: ['health'] }).enableVersioning({
        type: VersioningType.URI,
        defaultVersion: ['9', VERSION_NEUTRAL],
      }),
  ],
  [
    'URI versioning without a prefix',
    (app) => app.enableVersioning({ type: VersioningType.URI, prefix: false }),
  ],
  [
    'header versioning',
    (app) =>
      app.enableVersioning({ type: VersioningType.HEADER, header: 'X-V' }),
  ],
];

const registered = (url: string): string => url.replace(/(?<=.)\/$/, '');

async function expressApp(
  configure: (app: INestApplication) => void,
): Promise<{ app: INestApplication; urls: Set<string> }> {
  const module = await Test.createTestingModule({
    imports: [AppModule],
  }).compile();
  const app = module.createNestApplication({ logger: false });
  configure(app);
  await app.init();
  const { router } = app.getHttpAdapter().getInstance() as {
    router: {
      stack: { route?: { path: string; methods: Record<string, boolean> } }[];
    };
  };
  const urls = new Set<string>();
  for (const { route } of router.stack) {
    const methods = Object.keys(route?.methods ?? {});
    // Nest answers the other methods of an excluded path with its own 404.
    const isNotFound = methods.length > 3 && route?.path.endsWith('/health');
    for (const method of methods.length > 3 ? ['all'] : methods) {
      if (isNotFound) {
        continue;
      }
      urls.add(`${method.toUpperCase()} ${registered(route?.path ?? '')}`);
    }
  }
  return { app, urls };
}

async function fastifyApp(
  configure: (app: INestApplication) => void,
): Promise<{ app: INestApplication; urls: Set<string> }> {
  const module = await Test.createTestingModule({
    imports: [AppModule],
  }).compile();
  const adapter = new FastifyAdapter();
  const urls = new Set<string>();
  adapter
    .getInstance()
    .addHook(
      'onRoute',
      ({ method, url }: { method: string | string[]; url: string }) => {
        const methods = [method].flat();
        for (const name of methods.length > 3 ? ['ALL'] : methods) {
          if (name !== 'HEAD') {
            urls.add(`${name} ${registered(url)}`);
          }
        }
      },
    );
  const app = module.createNestApplication(adapter, { logger: false });
  configure(app);
  await app.init();
  return { app, urls };
}

const read = (app: INestApplication): Route[] =>
  readRoutes({
    discovery: app.get(DiscoveryService),
    config: app.get(ApplicationConfig),
    modules: app.get(ModulesContainer),
  });

describe.each([
  ['Express', expressApp],
  ['Fastify', fastifyApp],
])('routes as %s has them', (_name, boot) => {
  it.each(settings)(
    'have exactly the registered URLs with %s',
    async (_with, configure) => {
      const { app, urls } = await boot(configure);
      const found = read(app).flatMap((route) =>
        route.urls.map(({ path }) => `${route.httpMethod} ${path}`),
      );
      expect([...new Set(found)].sort()).toEqual([...urls].sort());
      await app.close();
    },
  );
});

describe('one route', () => {
  const byName = async (
    configure: (app: INestApplication) => void,
  ): Promise<(name: string) => Route | undefined> => {
    const { app } = await expressApp(configure);
    const routes = read(app);
    await app.close();
    return (name) =>
      routes.find((r) => `${r.controller.name}.${r.methodName}` === name);
  };

  it('tells the version of each URL, undefined for a neutral one', async () => {
    const route = await byName((app) =>
      app.enableVersioning({ type: VersioningType.URI }),
    );
    expect(route('DogsController.mixed')?.urls).toEqual([
      { path: '/v4/animals/loud/dogs/mixed', version: '4' },
      { path: '/animals/loud/dogs/mixed', version: undefined },
    ]);
    expect(route('DogsController.remove')?.urls).toEqual([
      { path: '/animals/loud/dogs/:id', version: undefined },
    ]);
  });

  it('is inherited with its decorator and dropped by an override without one', async () => {
    const route = await byName(() => undefined);
    expect(route('DerivedController.inherited')?.urls).toHaveLength(1);
    expect(route('DerivedController.dropped')).toBeUndefined();
  });

  it('names the module that declares its controller', async () => {
    const route = await byName(() => undefined);
    expect(route('CatsController.list')?.moduleName).toBe('CatsModule');
  });
});
