import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';
import { importsOf, type ModuleImport, sourceOf } from './module-imports.js';

// What keeps `lib` one house. Each rule has the list of what does not follow it
// (yet); a line that is no longer needed fails as well, and goes.

/** The files at the root of `lib`; every other is in a folder. */
const ROOT_FILES = [
  'index.ts',
  'mcp.module-definition.ts',
  'mcp.module.ts',
  'mcp.providers.ts',
];

/** Reached from the main entry by `import()` and `import type` alone. */
const APART = ['authorization-server', 'fastapi-mcp', 'testing', 'stdio'];

/** `file -> file` that load one of those with the main entry all the same. */
const LOADED_WITH_THE_MAIN_ENTRY: readonly string[] = [
  'auth/issuer/authorization-server-options.interface.ts -> authorization-server/login/login.limits.ts',
  'auth/issuer/token.issuer.ts -> authorization-server/authorization-server.ts',
  'auth/issuer/token.issuer.ts -> fastapi-mcp/compatibility-server.ts',
  'auth/server/auth-settings.ts -> fastapi-mcp/compatibility-settings.ts',
  'mcp.module.ts -> authorization-server/upstream/upstream-tokens.ts',
  'mcp.providers.ts -> authorization-server/upstream/caller-upstream-tokens.ts',
  'mcp.providers.ts -> authorization-server/upstream/upstream-tokens.ts',
  'transport/resume/session.sealer.ts -> authorization-server/storage/sealed-value.ts',
];

/** Files that are part of a circle of imports by their types. */
const IN_CIRCLES: readonly string[] = [
  'auth/challenge/auth.challenge.ts',
  'auth/issuer/token.issuer.ts',
  'auth/metadata/mcp-metadata.controller.ts',
  'auth/server/auth-settings.ts',
  'auth/server/protected-resources.ts',
  'auth/server/server-auth.ts',
  'authorization-server/authorization-server.settings.ts',
  'authorization-server/clients/check-clients.ts',
  'authorization-server/endpoints/server-routes.ts',
  'fastapi-mcp/compatibility-server.ts',
  'fastapi-mcp/compatibility-settings.ts',
  'fastapi-mcp/direct/authorize.endpoint.ts',
  'fastapi-mcp/direct/direct-options.ts',
  'fastapi-mcp/direct/direct.clients.ts',
  'fastapi-mcp/direct/direct.endpoints.ts',
  'fastapi-mcp/direct/direct.proxy.ts',
  'fastapi-mcp/direct/iss.probe.ts',
  'fastapi-mcp/direct/provider.tokens.ts',
  'fastapi-mcp/direct/register.endpoint.ts',
  'fastapi-mcp/direct/token.endpoint.ts',
  'fastapi-mcp/metadata.mirror.ts',
  'fastapi-mcp/proxied-options.ts',
  'invocation/call/call.errors.ts',
  'invocation/call/call.interface.ts',
  'invocation/call/cancellation.ts',
  'invocation/call/client-link.ts',
  'invocation/call/mcp-call.ts',
  'invocation/encoding/body.encoder.ts',
  'invocation/encoding/multipart.encoder.ts',
  'invocation/operation-outcome.ts',
  'invocation/result/binary-result.ts',
  'invocation/result/json-result.ts',
  'invocation/result/refusal.ts',
  'invocation/result/result.mapper.ts',
  'invocation/route/destination.ts',
  'invocation/route/inner-response.ts',
  'invocation/route/response-recorder.ts',
  'resources/resource.catalog.ts',
  'resources/resource.decorator.ts',
  'resources/resource.registry.ts',
  'schema/classes/class-validator.converters.ts',
  'schema/classes/class-validator.rules.ts',
  'schema/classes/class.model.ts',
  'schema/classes/openapi.converter.ts',
  'server/mcp-options.interface.ts',
  'server/mcp-server-instance.ts',
  'server/server-settings.ts',
  'transport/calls/call-refusal.ts',
  'transport/calls/call.runner.ts',
  'transport/calls/visible-list.ts',
  'transport/client-link/client-link.factory.ts',
  'transport/direct/direct-call.ts',
  'transport/direct/direct-response.ts',
  'transport/direct/fast-path.ts',
  'transport/direct/fast-request.ts',
  'transport/features/cache-hints.ts',
  'transport/features/completion.feature.ts',
  'transport/features/prompt.feature.ts',
  'transport/features/resource.feature.ts',
  'transport/features/server-feature.ts',
  'transport/features/server-features.ts',
  'transport/features/subscription.feature.ts',
  'transport/features/subscription.limit.ts',
  'transport/features/tool.feature.ts',
  'transport/http/endpoint-hooks.ts',
  'transport/http/mcp.controller.ts',
  'transport/http/mcp.endpoint.ts',
  'transport/http/origin-policy.ts',
  'transport/list-changes/event.audience.ts',
  'transport/list-changes/server-events.ts',
  'transport/request/endpoint-request.ts',
  'transport/sdk-server/mcp-server.factory.ts',
  'transport/sessions/legacy-sessions.ts',
  'transport/sessions/served.session.ts',
  'transport/sessions/session.directory.ts',
  'transport/sessions/session.relay.ts',
  'transport/sessions/sse-places.ts',
  'transport/sessions/sse-sessions.ts',
];

/** Folders that import each other: `folder <-> folder`. */
const MUTUAL: readonly string[] = [
  'auth <-> authorization-server',
  'auth <-> fastapi-mcp',
  'authorization-server <-> fastapi-mcp',
  'server <-> tools',
  'server <-> transport',
  'auth/challenge <-> auth/server',
  'auth/credentials <-> auth/server',
  'auth/issuer <-> auth/server',
  'transport/calls <-> transport/request',
  'transport/direct <-> transport/http',
  'transport/request <-> transport/streams',
  'transport/resume <-> transport/sessions',
];

/** Files outside `platform/` that ask which adapter there is, or use what only one of them has. */
const ASK_THE_ADAPTER: readonly string[] = [
  'auth/context/request-context.ts',
  'auth/credentials/carried-token.ts',
  'auth/guards/mcp-auth.guard.ts',
  'authorization-server/endpoints/mcp-oauth.controller.ts',
  'authorization-server/endpoints/parser-errors.ts',
  'invocation/call/mcp-call.ts',
  'invocation/route/route.invoker.ts',
  'stdio/serve-stdio.ts',
  'testing/create-mcp-client.ts',
  'tools/shadowed-routes.ts',
  'transport/http/endpoint-hooks.ts',
  'transport/http/endpoint.neighbours.ts',
];

/** State that is nobody's member, with the reason why it is not. */
const MODULE_STATE: Readonly<Record<string, string>> = {
  'auth/context/request-context.ts installed':
    'one hook for each adapter, however many servers there are',
  'auth/credentials/carried-token.ts verified':
    "a token is the application's to hold; where it was verified is not for it to change",
  'auth/credentials/carried-token.ts local':
    'as above: what no guard has verified must not be able to say otherwise',
  'auth/metadata/mcp-metadata.controller.ts documentsOf':
    'the documents of all servers of an adapter share its paths',
  'authorization-server/issuing-servers.ts servers':
    'the authorization servers of an adapter share its root paths',
  'invocation/call/mcp-call.ts calls':
    'marks inner requests, which belong to the adapter, unseen by handlers',
  'invocation/call/mcp-call.ts hooked': 'one hook for each adapter',
  'invocation/provider/observable-collector.ts unended':
    'what a call has collected, by its signal, until it gives up',
  'invocation/route/forwarded-headers.ts compiled':
    'a memory of the names in an option, gone with the option',
  'nest/controller-guards.ts checks':
    'marks guard classes that the library makes, unseen by users',
  'platform/express/express-gate.ts layers':
    'marks layers of Express, which have no place for it',
  'platform/express/express-gate.ts watched': 'one hook for each adapter',
  'platform/express/request-properties.ts keptPaths':
    'one listener for each adapter',
  'platform/query-parser.ts presets':
    'marks inner requests, which belong to the adapter',
  'platform/query-parser.ts installed': 'one hook for each adapter',
  'schema/classes/initial-values.ts known':
    "a memory of classes, which are the application's",
  'schema/input/object-shape.ts known':
    "a memory of classes, which are the application's",
  'schema/validation/schema.validator.ts instances':
    'one Ajv for each dialect, as each takes long to make',
  'transport/client-link/elicitation.ts forms':
    "a memory of schemas, which are the application's",
  'transport/features/tool.feature.ts wrapped':
    'a memory of definitions, gone with the definition',
  'transport/http/mcp.controller.ts takenPaths':
    'the servers of an adapter share its paths',
  'transport/request/session-caller.ts holders':
    'who knows the caller of an SDK server, gone with it',
  'transport/request/session-caller.ts warned':
    'one warning for each application',
  'transport/sessions/sse-places.ts mounted':
    'where HTTP+SSE of a server is, by its settings, once that is known',
};

/** In lines. */
const SIZE = { longest: 300, mean: [90, 140], short: 30 } as const;
/** The goal is 380. */
const MOST_FILES = 390;
const LONGER: readonly string[] = ['server/mcp-options.interface.ts'];
/** `file -> its only importer`, which has room for it. */
const FRAGMENTS: readonly string[] = [];

const sources = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard', 'lib'],
  { encoding: 'utf8' },
)
  .split('\0')
  .filter(
    (file) =>
      file.endsWith('.ts') && !file.endsWith('.spec.ts') && existsSync(file),
  );
const imports = sources
  .flatMap((file) => importsOf(file))
  .filter(
    (entry): entry is ModuleImport & { target: string } =>
      entry.target !== undefined,
  );
const lines = new Map(
  sources.map((file) => [
    file,
    readFileSync(file, 'utf8').trimEnd().split('\n').length,
  ]),
);

/** Without `lib/`. */
const short = (file: string) => file.slice('lib/'.length);
const areaOf = (file: string) => /^lib\/([^/]+)\//.exec(file)?.[1] ?? '';
const isApart = (file: string) => APART.includes(areaOf(file));
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

describe('the files of lib', () => {
  it('are in a folder, but for those that wire everything', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((file) => areaOf(file) === '').map(short)).toEqual(
      ROOT_FILES,
    );
  });

  it('are two folders deep in their area at most', () => {
    expect(sources.filter((file) => file.split('/').length > 5)).toEqual([]);
  });

  it(`are no longer than ${SIZE.longest} lines`, () => {
    expect(
      sources
        .filter((file) => (lines.get(file) ?? 0) > SIZE.longest)
        .map(short),
    ).toEqual(LONGER);
  });

  it(`have between ${SIZE.mean.join(' and ')} lines in the mean`, () => {
    const all = [...lines.values()].reduce((sum, count) => sum + count, 0);
    expect(all / sources.length).toBeGreaterThanOrEqual(SIZE.mean[0]);
    expect(all / sources.length).toBeLessThanOrEqual(SIZE.mean[1]);
  });

  it(`are ${MOST_FILES} at most`, () => {
    expect(sources.length).toBeLessThanOrEqual(MOST_FILES);
  });

  it(`of less than ${SIZE.short} lines are not for one importer in their folder`, () => {
    const fragments = sources
      .filter((file) => (lines.get(file) ?? 0) < SIZE.short)
      .flatMap((file) => {
        const [only, ...others] = sorted(
          imports.filter(({ target }) => target === file).map((e) => e.file),
        );
        return only !== undefined &&
          others.length === 0 &&
          posix.dirname(only) === posix.dirname(file)
          ? [`${short(file)} -> ${short(only)}`]
          : [];
      });
    expect(fragments).toEqual(FRAGMENTS);
  });
});

describe('the imports of lib', () => {
  it.each([
    { what: 'values', kinds: ['static'], excused: [] },
    {
      what: 'values and types',
      kinds: ['static', 'type'],
      excused: IN_CIRCLES,
    },
  ])('of $what go round in no circle', ({ kinds, excused }) => {
    const graph = new Map(
      sources.map((file) => [
        file,
        imports
          .filter((entry) => entry.file === file && kinds.includes(entry.kind))
          .map(({ target }) => target),
      ]),
    );
    expect(sorted(circlesOf(graph).flat()).map(short)).toEqual(excused);
  });

  it('go one way between two folders, those inside auth and transport included', () => {
    const pairs = [
      ...mutualPairs(areaOf),
      ...['auth', 'transport'].flatMap((area) =>
        mutualPairs((file) =>
          areaOf(file) === area && file.split('/').length > 3
            ? file.split('/').slice(1, 3).join('/')
            : '',
        ),
      ),
    ];
    expect(pairs).toEqual(MUTUAL);
  });

  it(`load ${APART.join(', ')} with the main entry nowhere`, () => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      reached.add(file);
      for (const entry of imports) {
        if (
          entry.file === file &&
          entry.kind === 'static' &&
          !reached.has(entry.target)
        ) {
          visit(entry.target);
        }
      }
    };
    visit('lib/index.ts');
    expect(reached.size).toBeGreaterThan(50);
    expect(
      sorted(
        imports
          .filter(
            ({ file, target, kind }) =>
              kind === 'static' &&
              reached.has(file) &&
              !isApart(file) &&
              isApart(target),
          )
          .map(({ file, target }) => `${short(file)} -> ${short(target)}`),
      ),
    ).toEqual(LOADED_WITH_THE_MAIN_ENTRY);
  });
});

describe('the code of lib', () => {
  it('knows one adapter from another in platform alone', () => {
    expect(
      sources
        .filter((file) => areaOf(file) !== 'platform' && asksTheAdapter(file))
        .map(short),
    ).toEqual(ASK_THE_ADAPTER);
  });

  it('keeps state outside of objects for a reason alone', () => {
    expect(sources.flatMap(moduleState)).toEqual(Object.keys(MODULE_STATE));
  });
});

describe('docs/architecture.md', () => {
  it('names files and folders that exist', () => {
    const text = readFileSync('docs/architecture.md', 'utf8');
    const named = [
      ...text.matchAll(/`([\w./-]+(?:\.\w*ts|\.mjs|\.md|\/))`/g),
    ].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(10);
    expect(
      named.filter((name) => !existsSync(name) && !existsSync(`lib/${name}`)),
    ).toEqual([]);
  });
});

/** The strongly connected files of more than one, or that import themselves (Tarjan). */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const index = order.size;
    order.set(file, index);
    lowest.set(file, index);
    open.push(file);
    const targets = graph.get(file) ?? [];
    for (const target of targets) {
      if (!graph.has(target)) {
        continue;
      }
      const reach = order.has(target)
        ? open.includes(target)
          ? (order.get(target) as number)
          : Infinity
        : visit(target);
      lowest.set(file, Math.min(lowest.get(file) as number, reach));
    }
    if (lowest.get(file) === index) {
      const circle = open.splice(open.indexOf(file));
      if (circle.length > 1 || targets.includes(file)) {
        circles.push(circle);
      }
    }
    return lowest.get(file) as number;
  };
  for (const file of graph.keys()) {
    if (!order.has(file)) {
      visit(file);
    }
  }
  return circles;
}

/** Folders that import from each other, types included, but for types of what is loaded apart. */
function mutualPairs(folderOf: (file: string) => string): string[] {
  const arrows = new Set(
    imports
      .filter(
        ({ kind, target }) =>
          kind === 'static' || (kind === 'type' && !isApart(target)),
      )
      .map(({ file, target }) => [folderOf(file), folderOf(target)] as const)
      .filter(([from, to]) => from !== to && from !== '' && to !== '')
      .map(([from, to]) => `${from} <-> ${to}`),
  );
  return sorted(arrows).filter((arrow) => {
    const [from, to] = arrow.split(' <-> ') as [string, string];
    return from < to && arrows.has(`${to} <-> ${from}`);
  });
}

/** `adapter.getType()`, `reply.hijack()`, `request.raw`. */
function asksTheAdapter(file: string): boolean {
  const found = (node: ts.Node): boolean => {
    if (
      ts.isPropertyAccessExpression(node) &&
      ['getType', 'hijack', 'raw'].includes(node.name.text)
    ) {
      const { expression } = node;
      // A field of its own, and what Nest calls the kind of a context.
      return !(
        expression.kind === ts.SyntaxKind.ThisKeyword ||
        (ts.isIdentifier(expression) && expression.text === 'context')
      );
    }
    return ts.forEachChild(node, (child) => found(child) || undefined) ?? false;
  };
  return found(sourceOf(file));
}

/** Collections that begin empty and are no member of an object: `file name`. */
function moduleState(file: string): string[] {
  const isState = (node: ts.Expression | undefined): boolean =>
    node !== undefined &&
    ts.isNewExpression(node) &&
    /^(Weak)?(Map|Set)$/.test(node.expression.getText()) &&
    !node.arguments?.length;
  return sourceOf(file).statements.flatMap((statement) => {
    const declared = ts.isVariableStatement(statement)
      ? [...statement.declarationList.declarations]
      : ts.isClassDeclaration(statement)
        ? statement.members
            .filter(ts.isPropertyDeclaration)
            .filter((member) =>
              member.modifiers?.some(
                ({ kind }) => kind === ts.SyntaxKind.StaticKeyword,
              ),
            )
        : [];
    return declared
      .filter(({ initializer }) => isState(initializer))
      .map(({ name }) => `${short(file)} ${name.getText()}`);
  });
}
