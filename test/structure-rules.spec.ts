import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';
import { importsOf, type ModuleImport, sourceOf } from './module-imports.js';

// What keeps `lib` one house. Each rule has the list of what does not follow it
// (yet); a line that is no longer needed fails as well, and goes.

/** The files at the root of `lib`; every other is in a folder. */
const ROOT_FILES = ['index.ts', 'mcp.module-definition.ts', 'mcp.module.ts'];

/** Reached from the main entry by `import()` and `import type` alone. */
const APART = [
  'authorization-server',
  'client',
  'fastapi-mcp',
  'testing',
  'stdio',
];

/** `file -> file` that load one of those with the main entry all the same. */
const LOADED_WITH_THE_MAIN_ENTRY: readonly string[] = [];

/** Files that are part of a circle of imports by their types. */
const IN_CIRCLES: readonly string[] = [];

/** Folders that import each other: `folder <-> folder`. */
const MUTUAL: readonly string[] = [];

/** Files outside `platform/` that ask which adapter there is, or use what only one of them has. */
const ASK_THE_ADAPTER: readonly string[] = [];

/** State that is nobody's member, with the reason why it is not. */
const MODULE_STATE: Readonly<Record<string, string>> = {
  'auth/server/carried-token.ts verified':
    "a token is the application's to hold; where it was verified is not for it to change",
  'auth/server/carried-token.ts local':
    'as above: what no guard has verified must not be able to say otherwise',
  'invocation/provider/return-value.ts unended':
    'what a call has collected, by its signal, until it gives up',
  'invocation/route/caller.ts compiled':
    'a memory of the names in an option, gone with the option',
  'nest/controller-guards.ts checks':
    'marks guard classes that the library makes, unseen by users',
  'platform/express/express-gate.ts layers':
    'marks layers of Express, which have no place for it',
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
  'transport/request/session-caller.ts holders':
    'who knows the caller of an SDK server, gone with it',
  'transport/request/session-caller.ts warned':
    'one warning for each application',
};

/** In lines. */
const SIZE = { longest: 300, mean: [90, 140], short: 30 } as const;
const MOST_FILES = 429;
const LONGER: readonly string[] = [];
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
        .map(short)
        .sort(),
    ).toEqual([...ASK_THE_ADAPTER].sort());
  });

  it('keeps state outside of objects for a reason alone', () => {
    expect(sources.flatMap(moduleState).sort()).toEqual(
      Object.keys(MODULE_STATE).sort(),
    );
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
