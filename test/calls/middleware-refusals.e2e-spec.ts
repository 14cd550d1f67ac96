import {
  Controller,
  Get,
  type INestApplication,
  Module,
  Post,
} from '@nestjs/common';
import { McpModule, McpTool } from '../../lib/index.js';
import { ADAPTERS, isFastify } from '../support/adapters.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import { ERAS, rpc } from '../support/json-rpc.js';

@Controller()
class RoutesController {
  @Post('guarded')
  @McpTool({ name: 'guarded' })
  guarded(): string {
    return 'never';
  }

  @Get('plain')
  @McpTool({ name: 'plain' })
  plain(): string {
    return 'never';
  }

  @Get('json')
  @McpTool({ name: 'json' })
  json(): string {
    return 'never';
  }

  @Get('broken')
  @McpTool({ name: 'broken' })
  broken(): string {
    return 'never';
  }
}

@Module({
  imports: [McpModule.forRoot({ auth: false })],
  controllers: [RoutesController],
})
class App {}

/** What CSRF middleware throws: an error with a status and words for the caller. */
const csrfError = (): Error =>
  Object.assign(new Error('invalid csrf token'), {
    status: 403,
    statusCode: 403,
    expose: true,
    code: 'EBADCSRFTOKEN',
  });

interface RawResponse {
  statusCode: number;
  setHeader(name: string, value: string): void;
  end(body: string): void;
}

function answer(path: string, response: RawResponse): boolean {
  const [status, type, body] =
    path === '/plain'
      ? [429, 'text/plain', 'Come back tomorrow']
      : path === '/json'
        ? [403, 'application/json', '{"reason":"no plan","plan":"free"}']
        : path === '/broken'
          ? [500, 'text/plain', 'secret stack']
          : [0, '', ''];
  if (status === 0) return false;
  response.statusCode = status as number;
  response.setHeader('content-type', type as string);
  response.end(body as string);
  return true;
}

function refuseBefore(
  app: INestApplication,
  isRefused: (path: string) => boolean,
): void {
  if (isFastify(app)) {
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRequest', (request, reply, done) => {
        if (isRefused(request.url)) done(csrfError());
        else if (answer(request.url, reply.raw)) reply.hijack();
        else done();
      });
    return;
  }
  app.use(
    (
      request: { path: string },
      response: RawResponse,
      next: (error?: unknown) => void,
    ) => {
      if (isRefused(request.path)) next(csrfError());
      else if (!answer(request.path, response)) next();
    },
  );
}

describe.each(ADAPTERS)('refusals by middleware on %s', (adapter) => {
  describe.each(ERAS)('of a route, in the %s era', (era) => {
    let booted: BootedApp;
    beforeAll(async () => {
      booted = await bootApp(App, adapter, {
        configure: (app) => refuseBefore(app, (path) => path === '/guarded'),
      });
    });
    afterAll(() => booted?.close());
    const call = (name: string) =>
      callTool(`${booted.url}/mcp`, name, {}, { era });

    it.each([
      ['guarded', /^403 Forbidden: .*invalid csrf token/],
      ['plain', /^429 Too Many Requests: Come back tomorrow/],
      ['json', /^403 Forbidden: \{"reason":"no plan","plan":"free"\}/],
    ])('reach the model in their own words: %s', async (name, words) => {
      const { isError, text } = await call(name);
      expect(isError).toBe(true);
      expect(text).toMatch(words);
    });

    it('say nothing of what is the fault of the server', async () => {
      const { isError, text } = await call('broken');
      expect(isError).toBe(true);
      expect(text).not.toContain('secret');
    });
  });

  it.each(ERAS)(
    'of the endpoint keep status and words in the %s era',
    async (era) => {
      const booted = await bootApp(App, adapter, {
        configure: (app) => refuseBefore(app, (path) => path === '/mcp'),
      });
      try {
        const answer = await rpc(`${booted.url}/mcp`, era, 'tools/list', {});
        expect(answer.status).toBe(403);
        expect(answer.text).toContain('invalid csrf token');
      } finally {
        await booted.close();
      }
    },
  );
});
