import { ResourceNames } from '../server/resource-names.js';
import type { ServerAuth } from '../server/server-auth.js';
import { McpMetadataController } from './mcp-metadata.controller.js';

const ROOT = '/.well-known/oauth-protected-resource';

interface Answer {
  status?: number | undefined;
  body?: unknown;
  readonly headers: Record<string, string>;
}
type Handler = (request: { headers: object }, response: Answer) => void;

/** An adapter that notes its routes, each of which it takes once, as Fastify does. */
class RecordingAdapter {
  readonly routes = new Map<string, Handler>();
  get(path: string, handler: Handler): void {
    this.add(`GET ${path}`, handler);
  }
  options(path: string, handler: Handler): void {
    this.add(`OPTIONS ${path}`, handler);
  }
  setHeader(response: Answer, name: string, value: string): void {
    response.headers[name.toLowerCase()] = value;
  }
  reply(response: Answer, body: unknown, status?: number): void {
    response.body = body;
    response.status = status;
  }
  ask(route: string): Answer {
    const answer: Answer = { headers: {} };
    this.routes.get(route)?.({ headers: {} }, answer);
    return answer;
  }
  private add(route: string, handler: Handler): void {
    if (this.routes.has(route)) {
      throw new Error(`${route} is there already`);
    }
    this.routes.set(route, handler);
  }
}

const auth = (
  endpoint: string,
  resource: string,
  authorizationServers: readonly string[] = ['https://login.example'],
): ServerAuth => {
  const names = new ResourceNames(resource, () => endpoint);
  return {
    settings: {},
    scopes: { supported: [] },
    authorizationServers,
    metadataPaths: names.metadataPaths,
    metadataNames: names.namesByMetadataPath,
    resourceFor: () => resource,
  } as unknown as ServerAuth;
};
const controllers = new WeakMap<RecordingAdapter, McpMetadataController>();
const controllerOf = (adapter: RecordingAdapter): McpMetadataController => {
  const known =
    controllers.get(adapter) ??
    new McpMetadataController({ httpAdapter: adapter } as never);
  controllers.set(adapter, known);
  return known;
};
const mount = (adapter: RecordingAdapter, ...servers: ServerAuth[]): void => {
  for (const server of servers) {
    controllerOf(adapter).mount(server);
  }
};

let adapter: RecordingAdapter;
beforeEach(() => {
  adapter = new RecordingAdapter();
});

it('adds a route for each path once, the root and shared ones too', () => {
  mount(
    adapter,
    auth('/one', 'https://a.example/two'),
    auth('/two', 'https://a.example'),
  );
  expect([...adapter.routes.keys()].toSorted()).toEqual(
    ['', '/one', '/two']
      .flatMap((path) => [`GET ${ROOT}${path}`, `OPTIONS ${ROOT}${path}`])
      .toSorted(),
  );
  expect(adapter.ask(`GET ${ROOT}`).body).toMatchObject({
    resource: 'https://a.example',
  });
  expect(adapter.ask(`GET ${ROOT}/two`).body).toMatchObject({
    resource: 'https://a.example/two',
  });
});

it('adds none for a server that it refuses', () => {
  mount(adapter, auth('/one', 'https://a.example/mcp'));
  const before = [...adapter.routes.keys()];
  expect(() => mount(adapter, auth('/two', 'https://b.example/mcp'))).toThrow(
    'auth.resource of two servers',
  );
  expect([...adapter.routes.keys()]).toEqual(before);
});

it('keeps applications apart', () => {
  const other = new RecordingAdapter();
  mount(adapter, auth('/mcp', 'https://a.example/mcp'));
  mount(other, auth('/mcp', 'https://b.example/mcp'));
  expect(adapter.ask(`GET ${ROOT}/mcp`).body).toMatchObject({
    resource: 'https://a.example/mcp',
  });
  expect(other.ask(`GET ${ROOT}`).body).toMatchObject({
    resource: 'https://b.example/mcp',
  });
});

it('answers 404 where no issuer is known, and lets any page read that, too', () => {
  mount(adapter, auth('/mcp', 'https://a.example/mcp', []));
  const answer = adapter.ask(`GET ${ROOT}/mcp`);
  expect([answer.status, answer.body]).toEqual([404, { error: 'not_found' }]);
  expect(answer.headers['access-control-allow-origin']).toBe('*');
});

it('answers a preflight without a body', () => {
  mount(adapter, auth('/mcp', 'https://a.example/mcp'));
  expect(adapter.ask(`OPTIONS ${ROOT}/mcp`)).toMatchObject({
    status: 204,
    body: '',
    headers: { 'access-control-allow-methods': 'GET, HEAD, OPTIONS' },
  });
});
