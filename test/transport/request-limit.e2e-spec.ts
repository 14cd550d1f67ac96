import {
  Controller,
  Get,
  Module,
  Post,
  UploadedFile,
  UseInterceptors,
  type INestApplication,
} from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { ApiConsumes } from '@nestjs/swagger';
import { raw, text } from 'express';
import { McpModule, McpTool, type McpModuleOptions } from '../../lib/index.js';
import { ADAPTERS, isFastify, type AdapterName } from '../support/adapters.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';
import { INTEROP_CLIENTS } from '../support/interop-clients.js';
import { ERAS, rpc } from '../support/json-rpc.js';

@Controller('files')
class FilesController {
  @Post()
  @McpTool()
  @UseInterceptors(FileInterceptor('file'))
  add(@UploadedFile() file: { size: number }): { size: number } {
    return { size: file.size };
  }
}

/** Says that it takes files, and reads none. */
@Controller('forms')
class FormsController {
  @Post()
  @ApiConsumes('multipart/form-data')
  add(): string {
    return 'added';
  }
}

@Controller('cats')
class CatsController {
  @Get()
  @McpTool()
  list(): string[] {
    return ['Tom'];
  }
}

const boot = (
  adapter: AdapterName,
  controllers: (new () => unknown)[],
  options: McpModuleOptions = {},
  configure: (app: INestApplication) => void = () => undefined,
  nest = {},
): Promise<BootedApp> => {
  @Module({
    imports: [McpModule.forRoot({ auth: false, ...options })],
    controllers,
  })
  class App {}
  return bootApp(App, adapter, { configure, nest });
};

/** Posts a list request that has this many bytes of padding. */
const post = (url: string, bytes: number, era: (typeof ERAS)[number]) =>
  rpc(
    `${url}/mcp`,
    era,
    'tools/list',
    {},
    { meta: { pad: 'x'.repeat(bytes) } },
  );

describe.each(ADAPTERS)('the size of a request on %s', (adapter) => {
  describe.each(INTEROP_CLIENTS)('with %s', (_name, connect) => {
    it('that is too large fails for its caller alone, who is told the limit and the option', async () => {
      const booted = await boot(
        adapter,
        [CatsController],
        { limits: { maxRequestBytes: 20_000 } },
        undefined,
        UNHELD.nest,
      );
      const client = await connect(`${booted.url}/mcp`, {});
      try {
        const pad = 'x'.repeat(30_000);
        const [large, small] = await Promise.allSettled([
          client.callTool('cats_list', { pad }),
          client.callTool('cats_list', {}),
        ]);
        expect(String((large as PromiseRejectedResult).reason)).toContain(
          'exceeds the limit of 20000 bytes. The option limits.maxRequestBytes sets it.',
        );
        expect(small).toMatchObject({ value: { text: '["Tom"]' } });
      } finally {
        await client.close();
        await booted.close();
      }
    });
  });

  it.each(ERAS)(
    'may be 10 MiB where a route takes files, and the answer beyond names limit and option (%s)',
    async (era) => {
      const booted = await boot(adapter, [FormsController, CatsController]);
      try {
        expect((await post(booted.url, 9_000_000, era)).status).toBe(200);
        const refused = await post(booted.url, 11_000_000, era);
        expect(refused.status).toBe(413);
        expect(refused.response?.error?.message).toBe(
          'Payload Too Large: the request body exceeds the limit of 10485760 bytes. The option limits.maxRequestBytes sets it.',
        );
        // The rest of the application keeps its own limit.
        const other = await fetch(`${booted.url}/forms`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ pad: 'x'.repeat(2_000_000) }),
        });
        expect(other.status).toBe(413);
      } finally {
        await booted.close();
      }
    },
  );

  it('is what the application allows where no route takes files', async () => {
    const booted = await boot(adapter, [CatsController]);
    try {
      expect((await post(booted.url, 50_000, 'modern')).status).toBe(200);
      const refused = await post(booted.url, 2_000_000, 'modern');
      expect(refused.status).toBe(413);
      expect(refused.response?.error?.message).toMatch(
        /limit of \d+ bytes\. The option limits\.maxRequestBytes sets it\.$/,
      );
    } finally {
      await booted.close();
    }
  });

  it('is what limits.maxRequestBytes says', async () => {
    const booted = await boot(adapter, [CatsController], {
      limits: { maxRequestBytes: 3_000_000 },
    });
    try {
      expect((await post(booted.url, 2_500_000, 'modern')).status).toBe(200);
      expect((await post(booted.url, 3_500_000, 'modern')).status).toBe(413);
    } finally {
      await booted.close();
    }
  });
});

it('a file of 5 MB reaches its route on Express', async () => {
  const booted = await boot('express', [FilesController]);
  try {
    const data = Buffer.alloc(5_000_000).toString('base64');
    const { structuredContent } = await callTool(
      `${booted.url}/mcp`,
      'files_add',
      { file: { name: 'a.bin', mimeType: 'application/octet-stream', data } },
    );
    expect(structuredContent).toEqual({ size: 5_000_000 });
  } finally {
    await booted.close();
  }
});

describe.each(ADAPTERS)('a body that the application left on %s', (adapter) => {
  const parsers: [string, (app: INestApplication) => void, object][] = [
    [
      'as bytes',
      (app) => {
        if (isFastify(app)) {
          const server = app.getHttpAdapter().getInstance();
          server.removeAllContentTypeParsers();
          server.addContentTypeParser(
            '*',
            { parseAs: 'buffer' },
            (_request, body, done) => done(null, body),
          );
        } else app.use(raw({ type: '*/*' }));
      },
      { bodyParser: false },
    ],
    [
      'as text',
      (app) => {
        if (isFastify(app)) {
          const server = app.getHttpAdapter().getInstance();
          server.removeAllContentTypeParsers();
          server.addContentTypeParser(
            '*',
            { parseAs: 'string' },
            (_request, body, done) => done(null, body),
          );
        } else app.use(text({ type: '*/*' }));
      },
      { bodyParser: false },
    ],
    ['unread', () => undefined, { bodyParser: false }],
  ];

  it.each(parsers)('%s is read by the endpoint', async (_kind, use, nest) => {
    const booted = await boot(adapter, [CatsController], {}, use, nest);
    try {
      for (const era of ERAS) {
        expect(await listTools(`${booted.url}/mcp`, { era })).toHaveLength(1);
        const { text: answer } = await callTool(
          `${booted.url}/mcp`,
          'cats_list',
          {},
          { era },
        );
        expect(answer).toBe('["Tom"]');
      }
    } finally {
      await booted.close();
    }
  });
});
