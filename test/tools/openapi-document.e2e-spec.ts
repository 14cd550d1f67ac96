import {
  Body,
  Controller,
  Get,
  type INestApplication,
  Module,
  Post,
  type Type,
} from '@nestjs/common';
import {
  ApiProperty,
  DocumentBuilder,
  type OpenAPIObject,
  SwaggerModule,
} from '@nestjs/swagger';
import { McpController, McpModule } from '../../lib/index.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { TestLogin } from '../support/authorization-server.js';
import { bootApp } from '../support/boot-app.js';

class Cat {
  @ApiProperty()
  name!: string;
}

@Controller()
class HomeController {
  @Get()
  home(): string {
    return 'home';
  }

  @Post('cats')
  add(@Body() cat: Cat): Cat {
    return cat;
  }
}

@Module({ controllers: [HomeController] })
class HomeModule {}

class OwnController extends McpController {}

const AUTH = {
  resource: 'http://127.0.0.1:3000/mcp',
  authorizationServer: { login: new TestLogin() },
};

const SERVERS: Record<string, () => ReturnType<typeof McpModule.forRoot>[]> = {
  'one server': () => [McpModule.forRoot({ expose: 'all', auth: false })],
  'the older transport': () => [
    McpModule.forRoot({ expose: 'all', auth: false, legacy: { sse: true } }),
  ],
  'two servers': () => [
    McpModule.forRoot({ expose: 'all', auth: false }),
    McpModule.forRoot({
      expose: 'all',
      auth: false,
      path: '/other',
      useGlobalPrefix: false,
    }),
  ],
  'a controller of its own': () => [
    McpModule.forRoot({
      expose: 'all',
      auth: false,
      controller: OwnController,
    }),
  ],
  'options from a factory': () => [
    McpModule.forRootAsync({ useFactory: () => ({ auth: false }) }),
  ],
  'an authorization server': () => [
    McpModule.forRoot({ expose: 'all', auth: AUTH }),
  ],
};

/** The documents that an application makes before it is initialised, and while it listens. */
async function documentsOf(
  imports: ReturnType<typeof McpModule.forRoot>[],
  adapter: AdapterName,
  include?: Type[],
): Promise<OpenAPIObject[]> {
  @Module({ imports: [...imports, HomeModule] })
  class App {}
  const make = (app: INestApplication): OpenAPIObject =>
    SwaggerModule.createDocument(
      app,
      new DocumentBuilder().setTitle('home').build(),
      include ? { include } : { deepScanRoutes: true },
    );
  const documents: OpenAPIObject[] = [];
  const booted = await bootApp(App, adapter, {
    configure: (app) => {
      app.setGlobalPrefix('api');
      documents.push(make(app));
    },
  });
  documents.push(make(booted.app));
  await booted.close();
  return documents;
}

describe.each(ADAPTERS)(
  "the application's own OpenAPI document on %s",
  (adapter) => {
    it.each(Object.keys(SERVERS))(
      'is what it is without McpModule, whenever it is made, with %s',
      async (kind) => {
        const [plain] = await documentsOf([], adapter);
        expect(Object.keys(plain!.paths)).toEqual(['/api', '/api/cats']);
        for (const document of await documentsOf(SERVERS[kind]!(), adapter)) {
          expect(document).toEqual(plain);
        }
      },
    );

    it('has nothing of McpModule where that module is included by name', async () => {
      const documents = await documentsOf(SERVERS['one server']!(), adapter, [
        McpModule,
        HomeModule,
      ]);
      for (const document of documents) {
        expect(Object.keys(document.paths)).toEqual(['/api', '/api/cats']);
      }
    });
  },
);
