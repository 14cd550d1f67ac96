import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  type NestInterceptor,
  Post,
  Req,
  UseInterceptors,
} from '@nestjs/common';
import multipart from '@fastify/multipart';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { McpModule, McpTool } from '../../lib/index.js';
import { ADAPTERS, isFastify } from '../support/adapters.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import { callTool, toolNames } from '../support/call-tool.js';

@Injectable()
class OwnFileInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!request.isMultipart()) throw new Error('No form');
    return next.handle();
  }
}

@Controller('forms')
class FormsController {
  @Post('file')
  async file(@Req() request: FastifyRequest): Promise<unknown> {
    return (await request.file())?.filename;
  }

  @Post('parts')
  async parts(@Req() req: FastifyRequest): Promise<string[]> {
    const names: string[] = [];
    for await (const part of req.parts()) names.push(part.fieldname);
    return names;
  }

  @Post('intercepted')
  @UseInterceptors(OwnFileInterceptor)
  intercepted(): string {
    return 'done';
  }

  @Post('undocumented')
  @ApiConsumes('multipart/form-data')
  undocumented(): string {
    return 'done';
  }

  @Post('decorated')
  @McpTool()
  @ApiConsumes('multipart/form-data')
  decorated(): string {
    return 'done';
  }

  @Post('documented')
  @ApiConsumes('multipart/form-data')
  @ApiBody({
    schema: {
      type: 'object',
      properties: { photo: { type: 'string', format: 'binary' } },
    },
  })
  async documented(@Req() request: FastifyRequest): Promise<unknown> {
    // Express has no such method, and is not asked in this test.
    return (await request.file())?.filename;
  }

  @Post('either')
  @ApiConsumes('multipart/form-data', 'application/json')
  either(): string {
    return 'done';
  }

  @Get('name')
  name(@Req() request: { files: { file(): string } }): string {
    return request.files ? request.files.file() : 'none';
  }
}

@Module({
  imports: [McpModule.forRoot({ auth: false, expose: 'all' })],
  controllers: [FormsController],
})
class App {}

describe.each(ADAPTERS)('routes that read a form on %s', (adapter) => {
  let booted: BootedApp;
  beforeAll(async () => {
    booted = await bootApp(App, adapter, {
      configure: async (app) => {
        if (isFastify(app)) await app.register(multipart as never);
      },
    });
  });
  afterAll(() => booted?.close());

  it('are no tools where nothing tells the fields, unless decorated', async () => {
    expect((await toolNames(`${booted.url}/mcp`)).sort()).toEqual([
      'forms_decorated',
      'forms_documented',
      'forms_either',
      'forms_name',
    ]);
  });

  it.each(['file', 'parts', 'intercepted', 'undocumented'])(
    'are named at start-up: %s',
    (method) => {
      expect(booted.logger.of('warn')).toContainEqual(
        expect.stringMatching(
          new RegExp(
            `POST /forms/${method} .* is not exposed: it reads a multipart form, .*@ApiBody\\(\\)`,
          ),
        ),
      );
    },
  );

  it('are warned of where they are decorated', () => {
    expect(booted.logger.of('warn')).toContainEqual(
      expect.stringMatching(
        /POST \/forms\/decorated .*cannot be called with a form: it reads/,
      ),
    );
  });

  if (adapter === 'fastify') {
    it('get their files where the fields are documented', async () => {
      const { text } = await callTool(`${booted.url}/mcp`, 'forms_documented', {
        photo: { name: 'a.png', data: 'AAAA' },
      });
      expect(text).toBe('a.png');
    });
  }
});
