import {
  Body,
  Controller,
  Get,
  Headers,
  Module,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import { ApiHeader, ApiQuery, DocumentBuilder } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';
import { McpModule, McpTool } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';

class ArticleDto {
  @IsString() title!: string;
  @IsString() lang!: string;
}

class SearchDto {
  @IsOptional() @IsString() text?: string;
  @IsOptional() @IsString() lang?: string;
}

type Values = Readonly<Record<string, unknown>>;

@Controller('articles')
@ApiHeader({ name: 'x-tenant' })
@ApiHeader({ name: 'x-lang' })
@ApiHeader({ name: 'Accept-Language', required: true })
@ApiHeader({ name: 'traceparent', required: true })
class ArticlesController {
  @Get()
  find(@Query() query: SearchDto): object {
    return { ...query };
  }

  @Get('traced')
  traced(
    @Headers('traceparent') trace: string | undefined,
    @Headers('Accept-Language') language: string | undefined,
    @Headers('x-b3-traceid') b3: string | undefined,
    @Headers('x-plan') plan: string | undefined,
  ): object {
    return { trace, language, b3, plan };
  }

  @Get('in-language')
  @ApiHeader({ name: 'Accept-Language', description: 'Language of the text' })
  inLanguage(@Headers('accept-language') language: string | undefined): object {
    return { language };
  }

  @Get('tenant')
  @ApiQuery({ name: 'tenant', required: false })
  documented(@Query() query: Values): object {
    return { ...query };
  }

  @Get('own-schema')
  @McpTool({
    inputSchema: {
      type: 'object',
      properties: {
        tenant: { type: 'string' },
        lang: { type: 'string' },
        'x-request-id': { type: 'string' },
      },
      additionalProperties: false,
    },
  })
  ownSchema(
    @Query() query: Values,
    @Headers('x-request-id') request: string | undefined,
  ): object {
    return { ...query, request };
  }

  @Get('by-tenant')
  byTenant(@Query('tenant') tenant: string | undefined): object {
    return { tenant };
  }

  @Get('in/:lang')
  inPath(@Param('lang') lang: string): object {
    return { lang };
  }

  @Post()
  create(@Body() article: ArticleDto): object {
    return { ...article };
  }

  @Post('open')
  open(@Body() article: ArticleDto & Values): object {
    return { ...article };
  }
}

const controllers = [ArticlesController];

@Module({
  imports: [McpModule.forRoot({ auth: false, expose: 'all' })],
  controllers,
})
class App {}

@Module({
  imports: [
    McpModule.forRoot({
      auth: false,
      expose: 'all',
      hideArguments: ['lang', 'X-Tenant'],
    }),
  ],
  controllers,
})
class HidingApp {}

/** The document's storage is the process's. */
const globals = (
  globalThis as unknown as {
    SwaggerGlobalParametersStorage: { clear(): void };
  }
).SwaggerGlobalParametersStorage;

describe.each(ADAPTERS)('hidden arguments on %s', (adapter) => {
  beforeAll(() => {
    new DocumentBuilder().addGlobalParameters(
      { in: 'header', name: 'x-custom-lang', required: true },
      { in: 'header', name: 'x-plan', required: true },
      { in: 'query', name: 'tenant', required: true },
    );
  });
  afterAll(() => globals.clear());

  const argumentsOf = async (url: string): Promise<Record<string, string[]>> =>
    Object.fromEntries(
      (await listTools(`${url}/mcp`)).map(({ name, inputSchema }) => [
        name.replace('articles_', ''),
        Object.keys(inputSchema.properties ?? {}).sort(),
      ]),
    );

  describe('without an option', () => {
    let booted: BootedApp;
    beforeAll(async () => {
      booted = await bootApp(App, adapter);
    });
    afterAll(() => booted?.close());

    it('are global parameters and headers for traces and language, also those of the controller, unless the method documents them', async () => {
      expect(await argumentsOf(booted.url)).toEqual({
        find: ['lang', 'text', 'x-tenant'],
        traced: ['x-plan', 'x-tenant'],
        in_language: ['accept-language', 'x-tenant'],
        documented: ['tenant', 'x-tenant'],
        own_schema: ['lang', 'tenant', 'x-request-id'],
        by_tenant: ['tenant', 'x-tenant'],
        in_path: ['lang', 'x-tenant'],
        create: ['lang', 'title', 'x-tenant'],
        open: ['body', 'x-tenant'],
      });
    });

    it('are refused like any name that the tool has not', async () => {
      const { isError, text } = await callTool(
        `${booted.url}/mcp`,
        'articles_find',
        { tenant: 'a' },
      );
      expect(isError).toBe(true);
      expect(text).toMatch(/tenant/);
    });

    it('are sent where the own schema of the tool names them', async () => {
      const { text } = await callTool(
        `${booted.url}/mcp`,
        'articles_own_schema',
        { tenant: 'a', 'x-request-id': 'r-1' },
      );
      expect(JSON.parse(text)).toEqual({ tenant: 'a', request: 'r-1' });
    });

    it('leave the route what it gets without them', async () => {
      const { text } = await callTool(`${booted.url}/mcp`, 'articles_traced', {
        'x-plan': 'gold',
      });
      expect(JSON.parse(text)).toEqual({ plan: 'gold' });
    });
  });

  describe('with hideArguments', () => {
    let booted: BootedApp;
    beforeAll(async () => {
      booted = await bootApp(HidingApp, adapter);
    });
    afterAll(() => booted?.close());

    it('are hidden in query, headers and body, and not required', async () => {
      const tools = await argumentsOf(booted.url);
      expect(tools).toMatchObject({
        find: ['text'],
        create: ['title'],
        own_schema: ['lang', 'tenant', 'x-request-id'],
        in_path: ['lang'],
      });
      const [create] = (await listTools(`${booted.url}/mcp`)).filter(
        ({ name }) => name === 'articles_create',
      );
      expect(create?.inputSchema.required).toEqual(['title']);
      const { text } = await callTool(`${booted.url}/mcp`, 'articles_create', {
        title: 'A',
      });
      expect(JSON.parse(text)).toEqual({ title: 'A' });
    });

    it('stay where the URL needs them, which start-up tells', () => {
      expect(booted.logger.of('warn')).toContainEqual(
        expect.stringMatching(/inPath keeps its argument "lang"/),
      );
    });
  });

  it.each([['text'], [['']], [[1]]])(
    'stop the application where the option is %j',
    async (hideArguments) => {
      await expect(async () =>
        bootApp(
          McpModule.forRoot({ auth: false, hideArguments } as never),
          adapter,
        ),
      ).rejects.toThrow(/hideArguments is .* Write a list of names/);
    },
  );
});

class OpenDto {
  title!: string;
}

@Controller('open')
class OpenController {
  @Post()
  open(@Body() body: OpenDto): object {
    return { ...body };
  }
}

@Module({
  imports: [
    McpModule.forRoot({ auth: false, expose: 'all', hideArguments: ['lang'] }),
  ],
  controllers: [OpenController],
})
class OpenApp {}

it.each(ADAPTERS)(
  'a hidden argument does not get in by an open body on %s',
  async (adapter) => {
    const booted = await bootApp(OpenApp, adapter);
    try {
      const call = (args: Values) =>
        callTool(`${booted.url}/mcp`, 'open_open', args);
      expect(await call({ title: 'A', lang: 'en' })).toMatchObject({
        isError: true,
        text: expect.stringMatching(/"lang" is none of this tool/),
      });
      const { text } = await call({ title: 'A' });
      expect(JSON.parse(text)).toEqual({ title: 'A' });
    } finally {
      await booted.close();
    }
  },
);
