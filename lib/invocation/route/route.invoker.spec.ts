import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  Inject,
  Injectable,
  NotFoundException,
  Param,
  Post,
  Query,
  Redirect,
  Req,
  Res,
  Scope,
  Sse,
  StreamableFile,
  UploadedFile,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  HttpException,
  type INestApplication,
  type NestInterceptor,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { ExpressAdapter, FileInterceptor } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import multipart from '@fastify/multipart';
import compression from 'compression';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { interval, map, of, take, type Observable } from 'rxjs';
import type {
  ArgumentTarget,
  BodyEncoding,
} from '../../schema/input/argument-target.js';
import {
  createPlatform,
  McpApplication,
} from '../../platform/mcp-application.js';
import type { HttpAdapterHost } from '@nestjs/core';
import {
  destinationOf,
  mcpCallOf,
  watchInnerRequests,
} from '../call/mcp-call.js';
import { Cancellation } from '../call/cancellation.js';
import type { Call } from '../call/call.interface.js';
import { silentClientLink } from '../call/client-link.js';
import type { RouteTarget } from './request-mapper.js';
import { RouteInvoker } from './route.invoker.js';

const events = new EventEmitter();

@Injectable()
class DenyGuard implements CanActivate {
  canActivate(): boolean {
    throw new ForbiddenException('Not for you');
  }
}

@Injectable()
class IdentityGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context
      .switchToHttp()
      .getRequest<{ user?: { name: string }; auth?: unknown }>();
    return request.user?.name === 'ann' && request.auth === 'token';
  }
}

@Injectable()
class MarkInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<unknown>();
    return next.handle().pipe(
      map(() => ({
        byContext: mcpCallOf(context)?.name,
        byRequest: mcpCallOf(request)?.name,
      })),
    );
  }
}

/** Works as the guard of `@nestjs/throttler` does, which Jest cannot load beside ESM Nest on Node 20. */
@Injectable()
class LimitGuard implements CanActivate {
  private readonly hits = new Map<string, number>();

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { ip } = http.getRequest<{ ip: string }>();
    const hits = (this.hits.get(ip) ?? 0) + 1;
    this.hits.set(ip, hits);
    if (hits > 2) {
      http
        .getResponse<{ header(name: string, value: number): void }>()
        .header('Retry-After-short', 7);
      throw new HttpException('Too many', 429);
    }
    return true;
  }
}

@Injectable({ scope: Scope.REQUEST })
class Visitor {
  constructor(@Inject(REQUEST) readonly request: { url: string }) {}
}

@Controller('cats')
class CatsController {
  constructor(private readonly visitor: Visitor) {}

  @Get()
  list() {
    return { list: true };
  }

  @Get('scoped')
  async scoped(@Query('n') n: string) {
    await new Promise((resolve) => setTimeout(resolve, Number(n) % 7));
    return { n, url: this.visitor.request.url };
  }

  @Get('missing')
  missing() {
    throw new NotFoundException('No such cat');
  }

  @Get('crash')
  crash() {
    throw new Error('secret detail');
  }

  @Get('one/:id')
  one(@Param('id') id: string) {
    return { id };
  }

  @Post()
  create(@Body() body: object) {
    return { got: body };
  }
}

@Controller('plain')
class PlainController {
  @Get('bare')
  bare() {
    return { ok: true };
  }

  @Get('denied')
  @UseGuards(DenyGuard)
  denied() {
    return {};
  }

  @Get('identity')
  @UseGuards(IdentityGuard)
  identity() {
    return { in: true };
  }

  @Get('mark')
  @UseInterceptors(MarkInterceptor)
  mark() {
    return {};
  }

  @Get('file')
  file() {
    return new StreamableFile(Buffer.from([1, 2, 255]), {
      type: 'application/pdf',
      disposition: 'attachment; filename="a.pdf"',
    });
  }

  @Sse('ticks')
  ticks(): Observable<{ data: { n: number } }> {
    return interval(2).pipe(
      take(4),
      map((n) => ({ data: { n } })),
    );
  }

  @Sse('endless')
  endless(@Req() request: { raw?: EventEmitter } & EventEmitter) {
    const socket = (request.raw ?? request) as unknown as {
      socket: EventEmitter;
    };
    socket.socket.once('close', () => events.emit('endless-closed'));
    return interval(1).pipe(map((n) => ({ data: 'x'.repeat(50) + n })));
  }

  @Get('observable')
  observable() {
    return of({ n: 1 }, { n: 2 });
  }

  @Get('moved')
  @Redirect('/plain/bare', 302)
  moved() {
    return undefined;
  }

  @Get('nothing')
  @HttpCode(204)
  nothing() {
    return undefined;
  }

  @Get('native')
  native(@Res() response: { raw?: ServerResponse } & ServerResponse) {
    const raw = response.raw ?? response;
    raw.writeHead(201, { 'Content-Type': 'text/plain', 'X-A': '1' });
    raw.write('a');
    raw.end('b', () => events.emit('native-ended'));
  }

  @Get('drop')
  drop(@Req() request: { raw?: { socket: EventEmitter } }) {
    const raw = (request.raw ?? request) as unknown as {
      socket: { destroy(): void };
    };
    raw.socket.destroy();
    return new Promise(() => undefined);
  }

  @Get('hang')
  hang(@Res() response: { raw?: ServerResponse } & ServerResponse) {
    const raw = response.raw ?? response;
    events.emit('hang-started');
    raw.once('close', () => {
      raw.end('too late');
      events.emit('hang-closed', raw.writableFinished);
    });
  }

  @Get('large')
  @Header('Content-Type', 'text/plain')
  large() {
    return 'text '.repeat(2000);
  }

  @Get('zipped')
  @Header('Content-Type', 'application/json')
  @Header('Content-Encoding', 'gzip')
  zipped() {
    return new StreamableFile(gzipSync('{"zipped":true}'), {
      type: 'application/json',
    });
  }

  @Post('form')
  form(@Body() body: object) {
    return { ...body };
  }

  @Get('echo')
  echo(
    @Req()
    request: {
      ip: string;
      protocol: string;
      host: string;
      headers: Record<string, string>;
    },
  ) {
    const { ip, protocol, headers } = request;
    return { ip, protocol, headers };
  }
}

@Controller({ path: 'hosted', host: 'api.example.com' })
class FixedHostController {
  @Get()
  get() {
    return { host: 'fixed' };
  }
}

@Controller('limited')
@UseGuards(LimitGuard)
class LimitedController {
  @Get()
  get() {
    return { ok: true };
  }
}

@Controller('upload')
class ExpressUploadController {
  @Post()
  @UseInterceptors(FileInterceptor('photo'))
  upload(
    @UploadedFile()
    file: { originalname: string; mimetype: string; size: number },
    @Body() body: { title: string },
  ) {
    const { originalname: name, mimetype: type, size } = file;
    return { name, type, size, title: body.title };
  }
}

interface MultipartRequest {
  file(): Promise<{
    filename: string;
    mimetype: string;
    fields: Record<string, { value: string }>;
    toBuffer(): Promise<Buffer>;
  }>;
}

@Controller('upload')
class FastifyUploadController {
  @Post()
  async upload(@Req() request: MultipartRequest) {
    const file = await request.file();
    return {
      name: file.filename,
      type: file.mimetype,
      size: (await file.toBuffer()).length,
      title: file.fields['title']?.value,
    };
  }
}

interface TargetSetup {
  method?: string;
  bindings?: readonly ArgumentTarget[];
  openBody?: boolean;
  bodyEncoding?: BodyEncoding;
  host?: RouteTarget['route']['host'];
}

/** Stands for the method of every target: {@link reach} lets its calls in. */
class Anywhere {
  read(): void {}
}
const { read } = Anywhere.prototype;

/** Has each route be the one that is meant: which one is, is looked at elsewhere. */
const reach: CanActivate = {
  canActivate(context) {
    const request = context
      .switchToHttp()
      .getRequest<{ params?: Record<string, unknown> }>();
    destinationOf(request)?.admits(Anywhere, read, request.params ?? {});
    return true;
  },
};

function target(path: string, setup: TargetSetup = {}): RouteTarget {
  return {
    route: {
      host: setup.host,
      controller: Anywhere,
      handler: read,
    } as unknown as RouteTarget['route'],
    url: { path, version: undefined },
    httpMethod: setup.method ?? 'GET',
    input: {
      schema: { type: 'object' },
      bindings: setup.bindings ?? [],
      openBody: setup.openBody ?? false,
      bodyEncoding: setup.bodyEncoding ?? 'none',
    },
    headers: {},
  };
}

function callFrom(request?: unknown, more: Partial<Call> = {}): Call {
  return {
    kind: 'tool',
    name: 'the_tool',
    channel: silentClientLink(),
    arguments: {},
    request,
    response: undefined,
    cancellation: new Cancellation(),
    reportProgress: undefined,
    ...more,
  };
}

const OPTIONS = {
  forwardHeaders: ['authorization'],
  maxResultBytes: 5000,
  timeoutMs: 5000,
};

describe.each(['express', 'fastify'] as const)(
  'route invoker on %s',
  (kind) => {
    let app: INestApplication;
    let invoker: RouteInvoker;

    beforeAll(async () => {
      const module = await Test.createTestingModule({
        controllers: [
          FixedHostController,
          CatsController,
          PlainController,
          LimitedController,
          kind === 'express'
            ? ExpressUploadController
            : FastifyUploadController,
        ],
        providers: [Visitor],
      }).compile();
      const adapter =
        kind === 'express'
          ? new ExpressAdapter()
          : new FastifyAdapter({ routerOptions: { maxParamLength: 500 } });
      app = module.createNestApplication(adapter, { logger: false });
      if (adapter instanceof FastifyAdapter) {
        await adapter.register(multipart as never);
      }
      const application = new McpApplication({
        httpAdapter: adapter,
      } as unknown as HttpAdapterHost);
      watchInnerRequests(application);
      watchInnerRequests(application);
      app.use(compression({ threshold: 0 }));
      app.useGlobalGuards(reach);
      await app.init();
      if (adapter instanceof FastifyAdapter) {
        await adapter.getInstance().ready();
      }
      invoker = new RouteInvoker(application.platform);
    });

    afterAll(() => app.close());

    async function json(
      route: RouteTarget,
      args: Record<string, unknown> = {},
      call: Call = callFrom(),
    ): Promise<{ status: number; body: unknown }> {
      const response = await invoker.invoke(route, args, call, OPTIONS);
      const text = response.body.toString();
      return {
        status: response.status,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
    }

    it('sends a JSON body and gets the answer', async () => {
      const route = target('/cats', {
        method: 'POST',
        openBody: true,
        bodyEncoding: 'json',
      });
      expect(await json(route, { name: 'Tom', n: null })).toEqual({
        status: 201,
        body: { got: { name: 'Tom', n: null } },
      });
    });

    it('is held up by the guards, and gets their words', async () => {
      expect(await json(target('/plain/denied'))).toMatchObject({
        status: 403,
        body: { message: 'Not for you' },
      });
    });

    it('gets a 404 from the route, and from a path that is none', async () => {
      expect(await json(target('/cats/missing'))).toMatchObject({
        status: 404,
        body: { message: 'No such cat' },
      });
      expect((await json(target('/nowhere'))).status).toBe(404);
    });

    it('gets a 500 from a crash', async () => {
      expect((await json(target('/cats/crash'))).status).toBe(500);
    });

    const one = target('/cats/one/:id', {
      bindings: [{ argument: 'id', source: 'path', field: 'id' }],
    });

    it.each([
      'a/b',
      '?x=1',
      '#x',
      '%2e%2e',
      '..%2f',
      'a b+ü',
      '../..',
      ';x',
      '\\',
    ])('keeps %s in its path parameter', async (id) => {
      expect(await json(one, { id })).toEqual({ status: 200, body: { id } });
    });

    it('refuses values that would reach another route', async () => {
      for (const id of ['', '.', '..']) {
        await expect(json(one, { id })).rejects.toThrow('must not be');
      }
    });

    const scoped = target('/cats/scoped', {
      bindings: [{ argument: 'n', source: 'query', field: 'n' }],
    });

    it('keeps 500 concurrent calls and their request scopes apart', async () => {
      const numbers = Array.from({ length: 500 }, (_, n) => String(n));
      const answers = await Promise.all(
        numbers.map((n) => json(scoped, { n })),
      );
      expect(answers.map(({ body }) => body)).toEqual(
        numbers.map((n) => ({ n, url: `/cats/scoped?n=${n}` })),
      );
    });

    it('gets files as bytes', async () => {
      const response = await invoker.invoke(
        target('/plain/file'),
        {},
        callFrom(),
        OPTIONS,
      );
      expect(response.headers['content-type']).toBe('application/pdf');
      expect(response.headers['content-disposition']).toContain('a.pdf');
      expect([...response.body]).toEqual([1, 2, 255]);
    });

    it('collects server-sent events and reports each as progress', async () => {
      const progress: unknown[] = [];
      const response = await invoker.invoke(
        target('/plain/ticks'),
        {},
        callFrom(undefined, {
          reportProgress: (...report) => progress.push(report),
        }),
        OPTIONS,
      );
      const data = [0, 1, 2, 3].map((n) => JSON.stringify({ n }));
      expect(response.events?.map((event) => event.data)).toEqual(data);
      expect(progress).toEqual(data.map((text, n) => [n + 1, undefined, text]));
    });

    it('stops an endless stream at the limit and keeps what came', async () => {
      const closed = new Promise((resolve) =>
        events.once('endless-closed', resolve),
      );
      const response = await invoker.invoke(
        target('/plain/endless'),
        {},
        callFrom(),
        { ...OPTIONS, maxResultBytes: 500 },
      );
      expect(response.stopped).toBe(true);
      expect(response.events?.length).toBeGreaterThan(3);
      await closed;
    });

    it('gets the last value of an Observable, as over HTTP', async () => {
      expect((await json(target('/plain/observable'))).body).toEqual({ n: 2 });
    });

    it('reports a redirect with its location', async () => {
      const { status, headers } = await invoker.invoke(
        target('/plain/moved'),
        {},
        callFrom(),
        OPTIONS,
      );
      expect([status, headers['location']]).toEqual([302, '/plain/bare']);
    });

    it('gets nothing from a 204', async () => {
      expect(await json(target('/plain/nothing'))).toEqual({
        status: 204,
        body: undefined,
      });
    });

    it('gets what a route writes by itself', async () => {
      const ended = new Promise((resolve) =>
        events.once('native-ended', resolve),
      );
      const response = await invoker.invoke(
        target('/plain/native'),
        {},
        callFrom(),
        OPTIONS,
      );
      expect(response.status).toBe(201);
      expect(response.headers).toMatchObject({ 'x-a': '1' });
      expect(response.body.toString()).toBe('ab');
      await ended;
    });

    it('fails when the route drops the connection', async () => {
      await expect(json(target('/plain/drop'))).rejects.toThrow('dropped');
    });

    it('sends forms', async () => {
      const route = target('/plain/form', {
        method: 'POST',
        bodyEncoding: 'urlencoded',
        openBody: true,
      });
      expect(await json(route, { 'a b': 'x&y', tags: ['1', '2'] })).toEqual({
        status: 201,
        body: { 'a b': 'x&y', tags: ['1', '2'] },
      });
    });

    it('sends multipart forms with files', async () => {
      const route = target('/upload', {
        method: 'POST',
        bodyEncoding: 'multipart',
        bindings: [
          { argument: 'title', source: 'body', field: 'title' },
          { argument: 'photo', source: 'file', field: 'photo' },
        ],
      });
      const photo = { name: 'a.png', mimeType: 'image/png', data: 'AAECAw==' };
      expect(await json(route, { title: 'A cat', photo })).toEqual({
        status: 201,
        body: { name: 'a.png', type: 'image/png', size: 4, title: 'A cat' },
      });
    });

    it('gives up after the timeout, and the route sees its response close', async () => {
      const closed = new Promise((resolve) =>
        events.once('hang-closed', resolve),
      );
      await expect(
        invoker.invoke(target('/plain/hang'), {}, callFrom(), {
          ...OPTIONS,
          timeoutMs: 20,
        }),
      ).rejects.toThrow('timed out after 20 ms');
      expect(await closed).toBe(false);
    });

    it('gives up when the client cancels, and the route sees it', async () => {
      const closed = new Promise((resolve) =>
        events.once('hang-closed', resolve),
      );
      const started = new Promise((resolve) =>
        events.once('hang-started', resolve),
      );
      const controller = new AbortController();
      const result = invoker.invoke(
        target('/plain/hang'),
        {},
        callFrom(undefined, {
          cancellation: new Cancellation(controller.signal),
        }),
        OPTIONS,
      );
      await started;
      controller.abort();
      await expect(result).rejects.toThrow('cancelled');
      await closed;
      await expect(
        json(
          target('/plain/bare'),
          {},
          callFrom(undefined, {
            cancellation: new Cancellation(controller.signal),
          }),
        ),
      ).rejects.toThrow('cancelled');
    });

    it('stops text at the limit', async () => {
      const response = await invoker.invoke(
        target('/plain/large'),
        {},
        callFrom(),
        OPTIONS,
      );
      expect([response.stopped, response.body.length]).toEqual([true, 0]);
    });

    it('unpacks what a route keeps compressed', async () => {
      expect((await json(target('/plain/zipped'))).body).toEqual({
        zipped: true,
      });
    });

    it('lets compression middleware leave the answer alone', async () => {
      const caller = {
        ip: '127.0.0.1',
        headers: { 'accept-encoding': 'gzip' },
      };
      const response = await invoker.invoke(
        target('/plain/bare'),
        {},
        callFrom(caller),
        { ...OPTIONS, forwardHeaders: ['accept-encoding'] },
      );
      expect(response.headers['content-encoding']).toBeUndefined();
      expect(response.body.toString()).toBe('{"ok":true}');
    });

    it('marks the request for interceptors', async () => {
      expect((await json(target('/plain/mark'))).body).toEqual({
        byContext: 'the_tool',
        byRequest: 'the_tool',
      });
    });

    it('carries the identity to the guards', async () => {
      const route = target('/plain/identity');
      expect((await json(route)).status).toBe(403);
      const caller = { headers: {}, user: { name: 'ann' }, auth: 'token' };
      expect((await json(route, {}, callFrom(caller))).status).toBe(200);
      const raw = { headers: {}, raw: { ...caller, headers: {} } };
      expect((await json(route, {}, callFrom(raw))).status).toBe(200);
    });

    it("carries the caller's address, protocol and host, and named headers alone", async () => {
      const caller = {
        ip: '203.0.113.9',
        protocol: 'https',
        host: 'cats.example.com',
        headers: {
          authorization: 'Bearer x',
          cookie: 'a=b',
          'x-tenant': 'acme',
          'x-forwarded-for': '198.51.100.1',
          origin: 'https://evil.example.com',
        },
      };
      const { body } = await invoker.invoke(
        target('/plain/echo'),
        {},
        callFrom(caller),
        {
          ...OPTIONS,
          forwardHeaders: [
            'Authorization',
            'X-Tenant',
            'x-forwarded-for',
            'Origin',
          ],
        },
      );
      expect(JSON.parse(body.toString())).toEqual({
        ip: '203.0.113.9',
        protocol: 'https',
        headers: {
          accept: '*/*',
          authorization: 'Bearer x',
          'x-tenant': 'acme',
          host: 'cats.example.com',
        },
      });
    });

    it('throttles by caller, and tells when to come back', async () => {
      const from = (ip: string) =>
        invoker.invoke(
          target('/limited'),
          {},
          callFrom({ ip, headers: {} }),
          OPTIONS,
        );
      expect((await from('203.0.113.1')).status).toBe(200);
      expect((await from('203.0.113.1')).status).toBe(200);
      const third = await from('203.0.113.1');
      expect(third.status).toBe(429);
      expect(String(third.headers['retry-after-short'])).toBe('7');
      expect((await from('203.0.113.2')).status).toBe(200);
    });

    it('calls a route by its fixed host', async () => {
      const host = 'api.example.com';
      expect(await json(target('/hosted', { host }))).toEqual({
        status: 200,
        body: { host: 'fixed' },
      });
      expect((await json(target('/hosted'))).status).toBe(404);
    });
  },
);

describe('route invoker', () => {
  it('refuses an adapter it does not know', () => {
    const adapter = { getType: () => 'koa', getInstance: () => ({}) };
    expect(() => new RouteInvoker(createPlatform(adapter as never))).toThrow(
      '"koa"',
    );
  });
});
