import express from 'express';
import type { Express } from 'express';
import fc from 'fast-check';
import {
  appOf,
  settings,
  tables,
  trace,
  urls,
  type Entry,
  type Settings,
} from '../../../test/support/express-tables.js';
import {
  createExpressContinuation,
  createExpressDispatch,
  CandidateLayers,
} from './express-dispatch.js';
import { ExpressRouteIndex } from './express-route-index.js';
import type {
  ExpressLayer,
  ExpressRouter,
} from './express-router.interface.js';

const methods = fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS');
const RUNS = { numRuns: 1500 };

const PLAIN: Settings = { strict: false, sensitive: false, params: false };

/** Nest's last two layers: for what no route answers, and for errors. */
const NEST_END: readonly Entry[] = [
  { kind: 'use', verb: 'all', path: '/', does: 'answer' },
  { kind: 'error', verb: 'all', path: '/', does: 'answer' },
];

/** The front door answers OPTIONS itself. */
function staysOffOptions(table: readonly Entry[]): boolean {
  return table.every(
    ({ does }) => JSON.stringify(does) !== '{"become":"OPTIONS"}',
  );
}

/** The application in two parts, a door between them. */
function appWithDoor(
  table: readonly Entry[],
  at: number,
  how: Settings,
  lean: boolean,
): Express {
  const app = appOf(table, how);
  const layers = (app.router as unknown as { stack: unknown[] }).stack;
  const door: express.RequestHandler = (request, response, next) => {
    goOn(request, response, next);
  };
  const goOn = lean
    ? createExpressContinuation(app, door)
    : (_request: unknown, _response: unknown, next: () => void) => next();
  app.use(door);
  layers.splice(Math.min(at, table.length), 0, ...layers.splice(-1));
  return app;
}

describe('Express dispatch', () => {
  it('gives every layer the turn it has over HTTP', async () => {
    await fc.assert(
      fc.asyncProperty(
        tables,
        settings,
        methods,
        urls,
        async (table, how, method, url) => {
          const app = appOf(table, how);
          const lean = createExpressDispatch(app);
          expect(await trace(lean, method, url)).toEqual(
            await trace(app as never, method, url),
          );
        },
      ),
      RUNS,
    );
  });

  it('gives every layer behind a door the turn it has over HTTP', async () => {
    await fc.assert(
      fc.asyncProperty(
        tables.filter(staysOffOptions),
        fc.nat(14),
        settings,
        methods.filter((method) => method !== 'OPTIONS'),
        urls,
        async (table, at, how, method, url) => {
          const full = [...table, ...NEST_END];
          const whole = appWithDoor(full, at, how, false);
          const lean = appWithDoor(full, at, how, true);
          expect(await trace(lean as never, method, url)).toEqual(
            await trace(whole as never, method, url),
          );
        },
      ),
      RUNS,
    );
  });

  it('tries only the routes that could match', () => {
    const app = express();
    app.use((_request, _response, next) => next());
    for (let i = 0; i < 1000; i++) {
      app.get(`/things${i}/:id`, (_request, response) => void response.end());
      app.get(`/things${i}`, (_request, response) => void response.end());
    }
    const router = app.router as unknown as ExpressRouter;
    const layers = new CandidateLayers(router).layersFor('/Things7/a/') ?? [];
    expect(layers.flatMap(({ route }) => route?.path ?? [])).toEqual([
      '/things7/:id',
    ]);
    expect(layers.length).toBe(4);
  });

  it('tries none of the others behind a door either', async () => {
    const app = appWithDoor([], 0, PLAIN, true);
    let tried = 0;
    for (let i = 0; i < 10; i++) {
      app.get(`/things${i}`, (_request, response) => void response.end('it'));
    }
    for (const layer of (app.router as unknown as ExpressRouter).stack) {
      const { match } = layer;
      layer.match = (path) => {
        tried++;
        return match.call(layer, path);
      };
    }
    const { answer } = await trace(app as never, 'GET', '/things9');
    expect(answer).toContain('it');
    expect(tried).toBe(2);
  });

  it.each([false, true])(
    'looks at a parameter once a request (lean: %s)',
    async (lean) => {
      const how = { ...PLAIN, params: true };
      const table: Entry[] = [
        { kind: 'use', verb: 'all', path: '/:x', does: 'next' },
        { kind: 'route', verb: 'get', path: '/:x', does: 'answer' },
      ];
      const app = appWithDoor(table, 1, how, lean);
      const { turns } = await trace(app as never, 'GET', '/a');
      expect(turns.filter((turn) => turn === 'param a')).toHaveLength(1);
    },
  );

  it.each([
    ['/a/b', '/a/b', true],
    ['/a/b', '/A/B/', true],
    ['/a/b', '/a', false],
    ['/a/b', '/a/c', false],
    ['/a/:x', '/a/c', true],
    ['/a/:x', '/a/c/d', false],
    ['/a/:x', '/b/c', false],
    ['/:x/b', '/b/c', false],
    ['/a/*x', '/a/c/d', true],
    ['/a/*x', '/b/c/d', false],
    ['/a{/:x}', '/a', true],
    ['/é', '/%C3%A9', true],
    [/^\/a/, '/b', true],
    [['/a', '/b'], '/b', true],
    [['/a', '/b'], '/c', false],
  ])('%s may match %s: %s', (path, url, expected) => {
    const index = new ExpressRouteIndex();
    index.add(3, path);
    expect(index.candidatesFor(url)).toEqual(expected ? [3] : []);
  });

  it('knows routes that were added and removed later', async () => {
    const app = express();
    app.get('/a', (_request, response) => void response.end('first'));
    const lean = createExpressDispatch(app);
    expect((await trace(lean, 'GET', '/b')).answer).toContain('404');
    app.get('/b', (_request, response) => void response.end('second'));
    expect((await trace(lean, 'GET', '/b')).answer).toContain('second');
    const { stack } = app.router as unknown as ExpressRouter;
    stack.splice(0, 1, stack.pop()!);
    expect((await trace(lean, 'GET', '/b')).answer).toContain('second');
    expect((await trace(lean, 'GET', '/a')).answer).toContain('404');
  });

  it('brings routes back for a path that is rewritten', async () => {
    const app = express();
    app.get('/new', (_request, response) => void response.end('early'));
    app.use((request, _response, next) => {
      if (request.url === '/old') request.url = '/new';
      next();
    });
    app.get('/other', (_request, response) => void response.end('other'));
    app.get('/new', (_request, response) => void response.end('late'));
    const { answer } = await trace(createExpressDispatch(app), 'GET', '/old');
    expect(answer).toContain('late');
  });

  it('calls an application that is not of Express 5', () => {
    const express4 = Object.defineProperty(() => undefined, 'router', {
      get: () => {
        throw new Error("'app.router' is deprecated!");
      },
    });
    expect(createExpressDispatch(express4)).toBe(express4);
  });

  it('calls an application whose router reads another stack', () => {
    const app = express();
    const router = app.router as unknown as ExpressRouter;
    router.handle = router.handle.bind(router);
    expect(createExpressDispatch(app)).toBe(app);
  });

  it('runs the whole stack where a layer is not like those known', async () => {
    const app = express();
    app.get('/a', (_request, response) => void response.end('answered'));
    const { stack } = app.router as unknown as { stack: object[] };
    const later = Object.create(stack[0]!, {
      route: {
        value: Object.create((stack[0] as ExpressLayer).route!, {
          path: { value: undefined },
        }),
      },
    }) as object;
    stack.splice(0, 1, later);
    expect(new CandidateLayers(app.router as never).layersFor('/a')).toBe(
      undefined,
    );
    const { answer } = await trace(createExpressDispatch(app), 'GET', '/a');
    expect(answer).toContain('answered');
  });
});
