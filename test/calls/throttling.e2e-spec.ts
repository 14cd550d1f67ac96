import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  HttpException,
  Injectable,
  Module,
  UseGuards,
} from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { McpModule, McpTool } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp } from '../support/boot-app.js';
import { callTool, type ToolResult } from '../support/call-tool.js';

/**
 * Does to request and response what the guard of `@nestjs/throttler` does: that
 * package is CommonJS and requires Nest, which is ESM; Jest can only follow it
 * there on later versions of Node.
 */
@Injectable()
class LimitingGuard implements CanActivate {
  private readonly hits = new Map<string, number>();

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { ip } = http.getRequest<{ ip: string }>();
    const response = http.getResponse<{
      header(name: string, value: string | number): void;
    }>();
    const hits = (this.hits.get(ip) ?? 0) + 1;
    this.hits.set(ip, hits);
    if (hits > 2) {
      response.header('Retry-After', 60);
      throw new HttpException('ThrottlerException: Too Many Requests', 429);
    }
    response.header('X-RateLimit-Remaining', 2 - hits);
    return true;
  }
}

@Controller('limited')
@UseGuards(LimitingGuard)
class LimitedController {
  @Get()
  @McpTool()
  read(): unknown {
    return { read: true };
  }
}

@Module({
  imports: [McpModule.forRoot({ name: 'throttled' })],
  controllers: [LimitedController],
})
class App {}

describe('a throttled route', () => {
  it.each(ADAPTERS)(
    'tells a caller that has had enough when to come again (%s)',
    async (adapter) => {
      const booted = await bootApp(App, adapter);
      try {
        const results: ToolResult[] = [];
        for (let call = 0; call < 3; call++) {
          results.push(await callTool(`${booted.url}/mcp`, 'limited_read'));
        }
        expect(results.map(({ isError }) => isError)).toEqual([
          false,
          false,
          true,
        ]);
        expect(results[2]?.text).toContain('429');
        expect(results[2]?.text).toMatch(/Retry after 60 seconds/);
        // The same bucket as over HTTP.
        expect((await fetch(`${booted.url}/limited`)).status).toBe(429);
      } finally {
        await booted.close();
      }
    },
  );

  it('counts each caller alone', async () => {
    const booted = await bootApp(App, 'express', {
      configure: (app) =>
        void (app as NestExpressApplication).set('trust proxy', true),
    });
    try {
      for (const address of ['203.0.113.1', '203.0.113.2']) {
        const outcomes: boolean[] = [];
        for (let call = 0; call < 3; call++) {
          const { isError } = await callTool(
            `${booted.url}/mcp`,
            'limited_read',
            {},
            { headers: { 'x-forwarded-for': address } },
          );
          outcomes.push(isError);
        }
        expect(outcomes).toEqual([false, false, true]);
      }
    } finally {
      await booted.close();
    }
  });
});
