import type { CallToolResult } from '@modelcontextprotocol/server';
import {
  Catch,
  ForbiddenException,
  Get,
  Controller,
  HttpException,
  Inject,
  Injectable,
  NotFoundException,
  Req,
  Res,
  Scope,
  StreamableFile,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import {
  DiscoveryModule,
  DiscoveryService,
  ExternalContextCreator,
  REQUEST,
} from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { IsInt, Min } from 'class-validator';
import { map, take, throwError, timer, type Observable } from 'rxjs';
import { mcpCallOf } from '../call/mcp-call.js';
import { McpContext } from '../call/mcp-context.js';
import { Cancellation } from '../call/cancellation.js';
import type { Call } from '../call/call.interface.js';
import { silentClientLink } from '../call/client-link.js';
import { ProviderInvoker } from './provider.invoker.js';
import type { CallResult } from '../call-result.js';
import { failedResult, failureOfError } from '../result/failure.js';
import { mapResult } from '../result/result.mapper.js';
import { mapReturnValue } from './return-value.js';
import type { ResultOptions } from '../result/result-options.js';

class AddDto {
  @IsInt()
  @Min(1)
  n!: number;

  twice() {
    return this.n * 2;
  }
}

@Injectable()
class Config {
  readonly allowed = 'let-me-in';
}

@Injectable()
class KeyGuard implements CanActivate {
  constructor(private readonly config: Config) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context
      .switchToHttp()
      .getRequest<{ headers: Record<string, string> }>();
    return (
      (context.getType() as string) === 'mcp' &&
      mcpCallOf(context)?.name === 'the_tool' &&
      request.headers['x-key'] === this.config.allowed
    );
  }
}

@Injectable()
class BusyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    context
      .switchToHttp()
      .getResponse<{ header(name: string, value: string): void }>()
      .header('Retry-After', '9');
    throw new HttpException('Too many', 429);
  }
}

@Injectable()
class WrapInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((value: unknown) => ({ wrapped: value })));
  }
}

@Catch(RangeError)
class HttpMindedFilter implements ExceptionFilter {
  catch(error: RangeError, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse<{
      status(code: number): { send(body: object): void };
    }>();
    response.status(418).send({ teapot: error.message });
  }
}

@Catch(SyntaxError)
class BrokenFilter implements ExceptionFilter {
  catch(_error: SyntaxError, host: ArgumentsHost) {
    (host.switchToHttp().getNext<undefined>() as never as () => void)();
    throw new TypeError('secret of the filter');
  }
}

@Catch(EvalError)
class ValueFilter implements ExceptionFilter {
  catch() {
    return { recovered: true };
  }
}

@Injectable()
class Tools {
  @UsePipes(new ValidationPipe({ transform: true }))
  add(args: AddDto, context: McpContext) {
    return { twice: args.twice(), isContext: context instanceof McpContext };
  }

  @UseGuards(KeyGuard)
  guarded() {
    return 'in';
  }

  @UseGuards(BusyGuard)
  busy() {
    return 'in';
  }

  @UseInterceptors(WrapInterceptor)
  wrapped() {
    return 'x';
  }

  @UseFilters(HttpMindedFilter)
  teapot() {
    throw new RangeError('short and stout');
  }

  @UseFilters(BrokenFilter)
  broken() {
    throw new SyntaxError('secret of the method');
  }

  @UseFilters(ValueFilter)
  recovered() {
    throw new EvalError('x');
  }

  missing() {
    throw new NotFoundException('No such thing');
  }

  forbidden() {
    throw new ForbiddenException('Not for you');
  }

  crash() {
    throw new Error('secret detail');
  }

  nothing() {
    return undefined;
  }

  result() {
    return { content: [{ type: 'text', text: 'mine' }] };
  }

  article() {
    return { content: ['not', 'a', 'result'] };
  }

  unwritable() {
    return {
      content: [{ type: 'text', text: 'x' }],
      structuredContent: { a: 1n },
    };
  }

  date() {
    return { at: new Date(0) };
  }

  bytes() {
    return Buffer.from([1, 2]);
  }

  file() {
    return new StreamableFile(Buffer.from('{"a":1}'), {
      type: 'application/json',
    });
  }

  ticks(): Observable<number> {
    return timer(1, 2);
  }

  @UseInterceptors(WrapInterceptor)
  three(): Observable<number> {
    return timer(1, 1).pipe(take(3));
  }

  failing(): Observable<never> {
    return throwError(() => new NotFoundException('late'));
  }

  async hang(_args: object, { signal }: McpContext) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    aborted.push(signal.reason);
    return 'late';
  }

  progress(_args: object, context: McpContext) {
    void context.reportProgress(1, 2, 'half');
    return 'done';
  }
}

@Injectable({ scope: Scope.REQUEST })
class ScopedTools {
  constructor(@Inject(REQUEST) private readonly request: { tag: string }) {}

  @UseGuards(KeyGuard)
  async whoAmI() {
    await new Promise((resolve) => setImmediate(resolve));
    return this.request.tag;
  }
}

@Controller()
class EndpointController {
  @Get('endpoint')
  endpoint(@Req() request: unknown, @Res() response: unknown) {
    endpoints.push({ request, response });
    (response as { send(body: string): void }).send('untouched');
  }
}

const aborted: unknown[] = [];
const endpoints: { request: unknown; response: unknown }[] = [];
const logged: string[] = [];

describe.each(['express', 'fastify'] as const)(
  'provider invoker on %s',
  (kind) => {
    let app: INestApplication;
    let invoker: ProviderInvoker;
    let url: string;

    beforeAll(async () => {
      const module = await Test.createTestingModule({
        imports: [DiscoveryModule],
        controllers: [EndpointController],
        providers: [Config, Tools, ScopedTools],
      }).compile();
      app = module.createNestApplication(
        kind === 'express' ? new ExpressAdapter() : new FastifyAdapter(),
        { logger: false },
      );
      await app.listen(0, '127.0.0.1');
      url = await app.getUrl();
      invoker = new ProviderInvoker(app.get(ExternalContextCreator));
    });

    afterAll(() => app.close());
    beforeEach(() => {
      logged.splice(0);
      aborted.splice(0);
    });

    function method(name: string, owner: Type<unknown> = Tools) {
      const wrapper = app
        .get(DiscoveryService)
        .getProviders()
        .find(({ metatype }) => metatype === owner);
      return invoker.prepare({ wrapper: wrapper!, owner, methodName: name });
    }

    async function call(
      name: string,
      args: Record<string, unknown> = {},
      more: Partial<Call> & {
        owner?: Type<unknown>;
        timeoutMs?: number;
      } = {},
    ): Promise<{ result: CallToolResult; status?: number | undefined }> {
      // A real endpoint's request and response, after it was answered.
      const answer = await fetch(`${url}/endpoint`, {
        headers: { 'x-key': 'let-me-in' },
      });
      expect(await answer.text()).toBe('untouched');
      const { owner, timeoutMs = 2000, ...rest } = more;
      const options: ResultOptions & { timeoutMs: number } = {
        label: 'Tool "the_tool"',
        toolName: 'the_tool',
        maxResultBytes: 5000,
        narrowingArguments: [],
        logger: {
          error: (message) => void logged.push(String(message)),
          warn: (message) => void logged.push(String(message)),
        },
        timeoutMs,
      };
      const { result, failure } = await method(name, owner)<
        CallResult<CallToolResult>
      >(
        {
          kind: 'tool',
          name: 'the_tool',
          arguments: args,
          cancellation: new Cancellation(),
          reportProgress: undefined,
          channel: silentClientLink(),
          ...endpoints.pop()!,
          ...rest,
        },
        options,
        {
          value: (value) => mapReturnValue(value, options),
          response: (response) => mapResult(response, options),
        },
      ).catch((error: unknown) => ({
        result: undefined,
        failure: failureOfError(error, options),
      }));
      return failure
        ? { result: failedResult(failure), status: failure.status }
        : { result };
    }

    const textOf = ({ result }: { result: CallToolResult }) =>
      (result.content[0] as { text: string }).text;

    it('validates and transforms the arguments, and hands over the context', async () => {
      expect((await call('add', { n: 4 })).result.structuredContent).toEqual({
        twice: 8,
        isContext: true,
      });
      const refused = await call('add', { n: 0 });
      expect(refused.result.isError).toBe(true);
      expect(textOf(refused)).toBe(
        '400 Bad Request: n must not be less than 1',
      );
    });

    it('fails for a finished result that JSON cannot hold, as it could not be sent', async () => {
      const failed = await call('unwritable');
      expect(failed.result.isError).toBe(true);
      expect(textOf(failed)).toBe(
        "The tool failed. The details are in the server's log.",
      );
    });

    it('runs guards with the request of the endpoint', async () => {
      expect(textOf(await call('guarded'))).toBe('in');
      const refused = await call('guarded', {}, { request: { headers: {} } });
      expect(refused.status).toBe(403);
    });

    it('works without a request, and its guards refuse', async () => {
      const none = { request: undefined, response: undefined };
      expect(textOf(await call('nothing', {}, none))).toBe('');
      expect((await call('guarded', {}, none)).status).toBe(403);
    });

    it('tells the retry time that a guard set', async () => {
      expect(textOf(await call('busy'))).toBe(
        '429 Too Many Requests: Too many\nRetry after 9 seconds.',
      );
    });

    it('runs interceptors', async () => {
      expect((await call('wrapped')).result.structuredContent).toEqual({
        wrapped: 'x',
      });
    });

    it('takes what a filter for HTTP answers, and spares the endpoint', async () => {
      const outcome = await call('teapot');
      expect(outcome.result.structuredContent).toEqual({
        teapot: 'short and stout',
      });
      expect(textOf(outcome)).toContain("418 I'm a Teapot");
    });

    it('takes the value that a filter returns', async () => {
      expect((await call('recovered')).result.structuredContent).toEqual({
        recovered: true,
      });
    });

    it.each(['broken', 'crash'])(
      'masks and logs what %s throws',
      async (name) => {
        const outcome = await call(name);
        expect(outcome.result.isError).toBe(true);
        expect(JSON.stringify(outcome)).not.toMatch(
          /secret|TypeError|not a func/,
        );
        expect(logged).toHaveLength(1);
      },
    );

    it('maps exceptions like routes', async () => {
      expect(textOf(await call('missing'))).toBe(
        '404 Not Found: No such thing',
      );
      expect((await call('forbidden')).status).toBe(403);
    });

    it('maps what methods return', async () => {
      expect((await call('nothing')).result.content).toEqual([
        { type: 'text', text: '' },
      ]);
      expect((await call('result')).result).toEqual({
        content: [{ type: 'text', text: 'mine' }],
      });
      expect((await call('article')).result.structuredContent).toEqual({
        content: ['not', 'a', 'result'],
      });
      expect((await call('date')).result.structuredContent).toEqual({
        at: '1970-01-01T00:00:00.000Z',
      });
      expect((await call('bytes')).result.content[0]).toMatchObject({
        type: 'resource',
        resource: { blob: 'AQI=' },
      });
      expect((await call('file')).result.structuredContent).toEqual({ a: 1 });
    });

    it('collects an Observable, reporting each of several values', async () => {
      const progress: unknown[] = [];
      const reportProgress = (...report: unknown[]) => progress.push(report);
      const { result } = await call('three', {}, { reportProgress });
      const values = [0, 1, 2].map((n) => ({ wrapped: n }));
      expect(result.structuredContent).toEqual(values);
      expect(progress).toEqual(
        values.map((value, i) => [i + 1, undefined, JSON.stringify(value)]),
      );
      progress.splice(0);
      await call('wrapped', {}, { reportProgress });
      expect(progress).toEqual([]);
    });

    it('maps what an Observable fails with', async () => {
      expect(textOf(await call('failing'))).toBe('404 Not Found: late');
    });

    it('passes progress on', async () => {
      const progress: unknown[] = [];
      const reportProgress = (...report: unknown[]) => progress.push(report);
      await call('progress', {}, { reportProgress });
      expect(progress).toEqual([[1, 2, 'half']]);
    });

    it('gives up after the timeout and tells the method', async () => {
      const outcome = await call('hang', {}, { timeoutMs: 15 });
      expect(textOf(outcome)).toBe('The call timed out after 15 ms.');
      await new Promise((resolve) => setImmediate(resolve));
      expect(aborted).toHaveLength(1);
      expect((await call('ticks', {}, { timeoutMs: 15 })).result.isError).toBe(
        true,
      );
    });

    it('gives up when the client cancels and tells the method', async () => {
      const outcome = await call(
        'hang',
        {},
        { cancellation: new Cancellation(AbortSignal.timeout(10)) },
      );
      expect(textOf(outcome)).toBe('The call was cancelled.');
    });

    it('makes request-scoped providers for each call', async () => {
      const tags = Array.from({ length: 20 }, (_, n) => `caller ${n}`);
      const outcomes = await Promise.all(
        tags.map((tag) =>
          call(
            'whoAmI',
            {},
            {
              owner: ScopedTools,
              request: { tag, headers: { 'x-key': 'let-me-in' } },
            },
          ),
        ),
      );
      expect(outcomes.map(textOf)).toEqual(tags);
      const refused = await call(
        'whoAmI',
        {},
        { owner: ScopedTools, request: { tag: 'x', headers: {} } },
      );
      expect(refused.status).toBe(403);
    });
  },
);
