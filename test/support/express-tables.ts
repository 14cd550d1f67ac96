import express, { type Express } from 'express';
import fc from 'fast-check';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** Something registered on an Express application. */
export interface Entry {
  readonly kind: 'route' | 'use' | 'router' | 'error';
  readonly verb: 'get' | 'post' | 'head' | 'all';
  readonly path: string | RegExp | string[];
  /** What it does once it has noted its turn. */
  readonly does:
    | 'answer'
    | 'next'
    | 'route'
    | 'fail'
    | 'leave'
    | { readonly rewrite: string }
    | { readonly become: string };
}

export interface Settings {
  readonly strict: boolean;
  readonly sensitive: boolean;
  /** Whether the application looks at parameters by `app.param()`. */
  readonly params: boolean;
}

/** What a request met, and how it ended. */
export interface Trace {
  readonly turns: readonly string[];
  readonly answer: string;
}

const PIECES = ['a', 'A', 'b', 'ab', 'é', 'µ', 'k', 'a%20b', '%zz', ''];
const PATTERN_PIECES = PIECES.concat(
  [':x', ':y-z', 'a:x', ':x-:y', '*w', '{:x}', '{a}', 'a{b}'],
  ['\\:x', 'x y', ':"q/q"', 'Μ', 'K'],
);

/** Paths of requests, with and without a query. */
export const urls = fc
  .tuple(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }),
    fc.constantFrom('', '', '/', '//', '?q=/a/b', '/?q', '#a'),
    fc.constantFrom('/', '/', '/', '/', '', '//', 'http://h/'),
  )
  .map(([pieces, end, start]) => start + pieces.join('/') + end)
  .filter((url) => url !== '');

const patternTexts = fc
  .tuple(
    fc.array(fc.constantFrom(...PATTERN_PIECES), { maxLength: 4 }),
    fc.constantFrom('', '', '/', '{/:opt}', '{/a}/b', '/*rest', '{/*rest}'),
    fc.constantFrom('/', '/', '/', '', '{/v1}/'),
  )
  .map(([pieces, end, start]) => start + pieces.join('/') + end)
  .filter((path) => {
    try {
      express.Router().get(path, () => undefined);
      return true;
    } catch {
      return false;
    }
  });

export const patterns = fc.oneof(
  { weight: 8, arbitrary: patternTexts },
  { weight: 1, arbitrary: fc.array(patternTexts, { minLength: 1 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(/a/, /^\/a\/b/i, /.*b$/, /^\/(?<x>[^/]+)$/),
  },
);

export const tables: fc.Arbitrary<Entry[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('route', 'route', 'route', 'use', 'router', 'error'),
    verb: fc.constantFrom('get', 'get', 'post', 'head', 'all'),
    path: patterns,
    does: fc.oneof(
      { weight: 3, arbitrary: fc.constant('answer' as const) },
      { weight: 9, arbitrary: fc.constant('next' as const) },
      {
        weight: 2,
        arbitrary: fc.constantFrom('route', 'fail', 'leave'),
      },
      { weight: 2, arbitrary: fc.record({ rewrite: urls }) },
      {
        weight: 1,
        arbitrary: fc.record({
          become: fc.constantFrom('GET', 'POST', 'OPTIONS'),
        }),
      },
    ),
  }),
  { maxLength: 14 },
);

export const settings: fc.Arbitrary<Settings> = fc.record({
  strict: fc.boolean(),
  sensitive: fc.boolean(),
  params: fc.boolean(),
});

/** An application with the entries in their order. */
export function appOf(
  table: readonly Entry[],
  { strict, sensitive, params }: Settings,
): Express {
  const app = express();
  app.set('strict routing', strict);
  app.set('case sensitive routing', sensitive);
  app.set('env', 'test');
  if (params)
    app.param('x', (request, _response, next, value) => {
      turnsOf(request).push(`param ${String(value)}`);
      next();
    });
  table.forEach((entry, position) => register(app, entry, position));
  return app;
}

function register(app: Express, entry: Entry, position: number): void {
  const { kind, verb, path, does } = entry;
  const turn: express.RequestHandler = (request, response, next) => {
    const { method, baseUrl, url, originalUrl, params } = request;
    const owned = request.app === app && response.app === app;
    turnsOf(request).push(
      JSON.stringify([
        position,
        method,
        baseUrl,
        url,
        originalUrl,
        params,
        owned,
      ]),
    );
    if (does === 'answer') response.end(`answered by ${position}`);
    else if (does === 'next') next();
    else if (does === 'route') next('route');
    else if (does === 'leave') next('router');
    else if (does === 'fail') next(new Error(`failed at ${position}`));
    else {
      if ('rewrite' in does) request.url = does.rewrite;
      else request.method = does.become;
      next();
    }
  };
  if (kind === 'route') app[verb](path, turn);
  else if (kind === 'use') app.use(path, turn);
  else if (kind === 'router') {
    app.use(path, express.Router().all('/{*any}', turn));
  } else {
    const caught: express.ErrorRequestHandler = (
      error,
      request,
      response,
      next,
    ) => {
      turnsOf(request).push(`${position} caught ${String(error)}`);
      if (does === 'answer') response.status(418).end('caught');
      else next(does === 'next' ? undefined : error);
    };
    app.use(caught);
  }
}

/** Sends a request, without a socket, through what takes one. */
export function trace(
  dispatch: (request: IncomingMessage, response: ServerResponse) => void,
  method: string,
  url: string,
): Promise<Trace> {
  return new Promise((resolve, reject) => {
    const request = new IncomingMessage(new Socket());
    Object.assign(request, { method, url });
    request.push(null);
    const response = new ServerResponse(request);
    response.end = ((body: unknown) => {
      // Express's own error page shows a stack, and so its length.
      const { 'content-length': _length, ...headers } = response.getHeaders();
      const page = String(body).replace(/<br>.*/, '');
      const answer = `${response.statusCode} ${JSON.stringify(headers)} ${page}`;
      resolve({ turns: turnsOf(request), answer });
      return response;
    }) as ServerResponse['end'];
    try {
      dispatch(request, response);
    } catch (error) {
      reject(error as Error);
    }
  });
}

function turnsOf(request: IncomingMessage): string[] {
  const noted = request as IncomingMessage & { turns?: string[] };
  return (noted.turns ??= []);
}
