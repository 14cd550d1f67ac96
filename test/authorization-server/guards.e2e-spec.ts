import {
  type CanActivate,
  type ExecutionContext,
  HttpException,
  Injectable,
  Module,
} from '@nestjs/common';
import { NotesModule } from '../fixtures/auth/notes.controller.js';
import { ADAPTERS, isFastify } from '../support/adapters.js';
import {
  agree,
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { PageBrowser } from '../support/page-browser.js';

/** Every endpoint that there is, by method and path. */
const ENDPOINTS = [
  ['GET', '/oauth/authorize'],
  ['GET', '/oauth/authorize/some-uid'],
  ['POST', '/oauth/token'],
  ['POST', '/oauth/introspect'],
  ['POST', '/oauth/register'],
  ['POST', '/oauth/revoke'],
  ['GET', '/oauth/jwks'],
  ['GET', '/oauth/interaction/some-uid'],
  ['POST', '/oauth/interaction/some-uid'],
  ['GET', '/oauth/callback'],
  ['GET', '/.well-known/oauth-authorization-server'],
  ['GET', '/.well-known/openid-configuration'],
] as const;

@Injectable()
class Gate implements CanActivate {
  readonly seen: string[] = [];
  failure: Error | undefined;

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { method, url } = http.getRequest<{ method: string; url: string }>();
    this.seen.push(`${method} ${url}`);
    if (this.failure) {
      throw this.failure;
    }
    return url.startsWith('/mcp');
  }
}

/** Does to request and response what the guard of `@nestjs/throttler` does, which Jest cannot load here. */
@Injectable()
class LimitingGuard implements CanActivate {
  private readonly hits = new Map<string, number>();

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { ip } = http.getRequest<{ ip: string }>();
    const key = `${context.getClass().name}-${context.getHandler().name}-${ip}`;
    const hits = (this.hits.get(key) ?? 0) + 1;
    this.hits.set(key, hits);
    if (hits > 3) {
      http
        .getResponse<{ header(name: string, value: number): void }>()
        .header('Retry-After', 60);
      throw new HttpException('ThrottlerException: Too Many Requests', 429);
    }
    return true;
  }
}

@Module({
  imports: [NotesModule],
  providers: [Gate, LimitingGuard],
})
class GuardedModule {}

describe.each(ADAPTERS)('guards of the application on %s', (adapter) => {
  let server: Issuing;
  let gate: Gate;

  describe('that refuse', () => {
    beforeAll(async () => {
      server = await bootIssuing(
        adapter,
        { guards: [Gate] },
        { imports: [GuardedModule] },
      );
      gate = server.app.get(Gate, { strict: false });
    });
    beforeEach(() => {
      gate.failure = undefined;
    });
    afterAll(() => server?.close());

    it.each(ENDPOINTS)(
      'run on %s %s, and answer in OAuth JSON',
      async (method, path) => {
        const answer = await fetch(`${server.issuer}${path}?x=1`, {
          method,
          redirect: 'manual',
        });
        expect(answer.status).toBe(403);
        expect(await answer.json()).toEqual({
          error: 'access_denied',
          error_description: expect.any(String),
        });
        expect(answer.headers.get('cache-control')).toContain('no-store');
        expect(gate.seen.at(-1)).toBe(`${method} ${path}?x=1`);
      },
    );

    it.each([
      [new HttpException('of 10.1.2.3', 503), 503, 'temporarily_unavailable'],
      [new Error('the directory at 10.1.2.3 is down'), 500, 'server_error'],
    ])('tell nobody what %s says', async (failure, status, error) => {
      gate.failure = failure;
      const answer = await fetch(`${server.issuer}/oauth/jwks`);
      expect(answer.status).toBe(status);
      const text = await answer.text();
      expect(JSON.parse(text)).toHaveProperty('error', error);
      expect(text).not.toContain('10.1.2.3');
    });
  });

  it('that limit answer 429 with Retry-After, to scripts of other origins too', async () => {
    server = await bootIssuing(
      adapter,
      { guards: [LimitingGuard] },
      { imports: [GuardedModule] },
    );
    try {
      const ask = (): Promise<Response> =>
        fetch(`${server.issuer}/oauth/jwks`, {
          headers: { origin: 'https://app.example' },
        });
      for (let count = 0; count < 3; count += 1) {
        expect((await ask()).status).toBe(200);
      }
      const answer = await ask();
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(await answer.json()).toHaveProperty(
        'error',
        'temporarily_unavailable',
      );
    } finally {
      await server.close();
    }
  });

  it('of the whole application, prefixes and versions have no part in the endpoints', async () => {
    server = await bootIssuing(
      adapter,
      {},
      {
        imports: [GuardedModule],
        configure: (app) => {
          app.setGlobalPrefix('api', { exclude: ['mcp'] });
          app.useGlobalGuards({ canActivate: () => false });
        },
      },
    );
    try {
      const client = new HandClient(server.issuer, server.endpoint);
      const browser = new PageBrowser();
      await client.register();
      const end = await agree(
        browser,
        await browser.open(client.authorizationUrl()),
      );
      const code = end.url.searchParams.get('code') ?? '';
      expect((await client.token({ code })).status).toBe(200);
    } finally {
      await server.close();
    }
  });

  it('needs no body parser of the application', async () => {
    server = await bootIssuing(
      adapter,
      {},
      {
        // Fastify has parsers of its own, of which forms are none.
        nest: { bodyParser: adapter === 'fastify' },
      },
    );
    try {
      expect(isFastify(server.app)).toBe(adapter === 'fastify');
      const client = new HandClient(server.issuer, server.endpoint);
      const code = await client.logIn(new PageBrowser());
      expect((await client.token({ code })).status).toBe(200);
      const large = await client.register({ x: 'x'.repeat(80 * 1024) });
      expect(large.status).toBe(413);
    } finally {
      await server.close();
    }
  });
});
