import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { importsOf, type ModuleImport } from './module-imports.js';

const { peerDependencies, peerDependenciesMeta } = JSON.parse(
  readFileSync('package.json', 'utf8'),
) as {
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
};

// With the files that the next commit would add.
const tracked = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  { encoding: 'utf8' },
)
  .split('\0')
  .filter((file) => file !== '' && existsSync(file));
const sources = tracked.filter(
  (file) => /^lib\/.*\.ts$/.test(file) && !file.endsWith('.spec.ts'),
);
const imports = sources.flatMap((file) => importsOf(file));

const describeImport = ({ file, line, specifier }: ModuleImport) =>
  `${file}:${line} imports ${specifier}`;
const violations = (forbidden: (entry: ModuleImport) => boolean) =>
  imports.filter(forbidden).map(describeImport);
const isFrom = (specifier: string, name: string) =>
  specifier === name || specifier.startsWith(`${name}/`);

// What each feature folder may import from its siblings. The files at the
// root of `lib` are shared, except those that wire everything.
const ALLOWED: Record<string, readonly string[]> = {
  stdio: ['transport', 'server', 'auth', 'platform', 'options'],
  testing: ['server', 'auth', 'platform', 'options'],
  registry: [
    'transport',
    'tools',
    'resources',
    'prompts',
    'completions',
    'server',
    'invocation',
    'auth',
    'schema',
    'nest',
    'options',
  ],
  transport: [
    'tools',
    'resources',
    'prompts',
    'completions',
    'server',
    'invocation',
    'auth',
    'schema',
    'telemetry',
    'platform',
    'nest',
    'secrets',
    'context',
    'options',
  ],
  completions: [
    'resources',
    'prompts',
    'server',
    'invocation',
    'nest',
    'options',
  ],
  resources: [
    'tools',
    'server',
    'invocation',
    'schema',
    'platform',
    'nest',
    'options',
  ],
  prompts: [
    'tools',
    'server',
    'invocation',
    'schema',
    'platform',
    'nest',
    'options',
  ],
  tools: [
    'server',
    'invocation',
    'schema',
    'platform',
    'nest',
    'secrets',
    'options',
  ],
  server: ['invocation', 'auth', 'schema', 'platform', 'options'],
  invocation: ['auth', 'schema', 'platform', 'nest', 'context', 'options'],
  'fastapi-mcp': ['authorization-server', 'auth', 'nest', 'options'],
  'authorization-server': ['auth', 'platform', 'nest', 'secrets', 'options'],
  auth: ['platform', 'nest', 'context', 'options'],
  schema: ['platform', 'nest', 'secrets'],
  secrets: ['platform'],
  telemetry: [],
  platform: ['nest'],
  nest: [],
  context: [],
  options: [],
};
// Entry points of their own, for applications that have the packages.
const ENTRY_POINTS: Readonly<Record<string, readonly string[]>> = {
  'lib/auth/passport/': ['@nestjs/passport', 'passport'],
};
/** What the main entry loads when the options ask for it, and never before. */
const BEHIND_PORT = ['authorization-server', 'fastapi-mcp', 'stdio', 'testing'];
/** Where the MCP SDK is loaded, beside the folder that is made of it. */
const SDK_AT_RUN_TIME: Readonly<Record<string, readonly string[]>> = {
  'lib/stdio/': ['@modelcontextprotocol/server/stdio'],
  'lib/testing/': ['@modelcontextprotocol/client'],
};
const ROOT_ONLY = /^lib\/(index|mcp\.module|\w+\.providers)\.ts$/;

describe('the folders of lib', () => {
  it('are all under these rules', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(
      [...new Set(sources.map(folderOf))].filter(
        (folder) => folder !== '' && !(folder in ALLOWED),
      ),
    ).toEqual([]);
  });

  it.each(
    Object.entries(ALLOWED).map(([folder, allowed]) => ({
      folder,
      allowed,
      list: allowed.join(', ') || 'no other',
    })),
  )('$folder imports only from $list', ({ folder, allowed }) => {
    expect(
      violations(({ file, target, kind }) => {
        if (
          folderOf(file) !== folder ||
          target === undefined ||
          (kind === 'dynamic' && isBehindPort(target))
        ) {
          return false;
        }
        const from = folderOf(target);
        return from !== folder && from !== '' && !allowed.includes(from);
      }),
    ).toEqual([]);
  });

  it('reach what is behind the port from auth alone, when it is asked for', () => {
    expect(
      violations(
        ({ file, target, kind }) =>
          target !== undefined &&
          isBehindPort(target) &&
          !BEHIND_PORT.includes(folderOf(file)) &&
          kind !== 'type' &&
          !(kind === 'dynamic' && folderOf(file) === 'auth'),
      ),
    ).toEqual([]);
  });

  it('never import the entry point, the module or what it is put together of', () => {
    expect(
      violations(
        ({ file, target }) =>
          !ROOT_ONLY.test(file) &&
          target !== undefined &&
          ROOT_ONLY.test(target),
      ),
    ).toEqual([]);
  });

  it.each(['transport'])('of %s import each other one way', (area) => {
    const arrows = new Set(
      imports.flatMap(({ file, target }) => {
        const [from, to] = [partOf(area, file), partOf(area, target)];
        return from && to && from !== to ? [`${from} -> ${to}`] : [];
      }),
    );
    expect(arrows.size).toBeGreaterThan(10);
    expect(
      [...arrows].filter((arrow) =>
        arrows.has(arrow.split(' -> ').reverse().join(' -> ')),
      ),
    ).toEqual([]);
  });

  it('import files that exist', () => {
    expect(
      violations(
        ({ target }) => target !== undefined && !sources.includes(target),
      ),
    ).toEqual([]);
  });
});

// Files outside of `lib/platform` that still treat the adapters apart.
const ADAPTER_CODE: readonly string[] = [
  'lib/auth/credentials/carried-token.ts',
  'lib/auth/guards/mcp-auth.guard.ts',
  'lib/authorization-server/endpoints/mcp-oauth.controller.ts',
  'lib/authorization-server/endpoints/parser-errors.ts',
];

/** What is kept beside an object of another's, for as long as that lives, and why it is not kept in one of ours. */
const KEPT_BESIDE: Readonly<Record<string, string>> = {
  'lib/auth/credentials/carried-token.ts#local':
    'tokens are made and passed on by the application',
  'lib/auth/credentials/carried-token.ts#verified':
    'tokens are made and passed on by the application',
  'lib/auth/metadata/mcp-metadata.controller.ts#documentsOf':
    'one for all servers of an application',
  'lib/authorization-server/issuing-servers.ts#servers':
    'one for all servers of an application',
  'lib/invocation/call/mcp-call.ts#calls':
    'a mark on a request that nothing in the request can forge',
  'lib/invocation/provider/observable-collector.ts#unended':
    'found again by the signal that guards and pipes pass on',
  'lib/invocation/route/forwarded-headers.ts#compiled':
    'a list of the options, read once',
  'lib/nest/controller-guards.ts#checks':
    'objects in a list of Nest, known again there',
  'lib/platform/express/express-gate.ts#layers':
    'layers belong to the router of Express',
  'lib/schema/classes/initial-values.ts#known':
    'a class of the application, read once',
  'lib/schema/input/object-shape.ts#known':
    'a schema, read once for all that refer to it',
  'lib/transport/client-link/elicitation.ts#forms':
    'a schema of the application, read once',
  'lib/transport/features/tool.feature.ts#wrapped':
    'a definition as clients of the legacy era see it, made once',
  'lib/transport/request/session-caller.ts#holders':
    "servers of the SDK, which tell nothing of a session's caller",
  'lib/transport/request/session-caller.ts#warned':
    'asked for each request, of an application that only the request knows',
};

describe('the code of lib', () => {
  it('treats HTTP adapters apart in lib/platform alone', () => {
    const code =
      /(?<!context)\.getType\(\)|\bhijack\b|(?<!this)\.raw\b|routeOptions/;
    expect(
      sources.filter(
        (file) =>
          folderOf(file) !== 'platform' &&
          code.test(readFileSync(file, 'utf8')),
      ),
    ).toEqual(ADAPTER_CODE);
  });

  it('keeps nothing beside the objects of others without a reason', () => {
    const found = sources.flatMap((file) =>
      [
        ...readFileSync(file, 'utf8').matchAll(
          /^(?:export )?(?:const|let) (\w+)[^=\n]*= new Weak(?:Map|Set)/gm,
        ),
      ].map(([, name]) => `${file}#${name}`),
    );
    expect(found.sort()).toEqual(Object.keys(KEPT_BESIDE).sort());
  });
});

describe('the packages that lib imports', () => {
  it('give away their internals to lib/nest alone, where they are Nest', () => {
    expect(
      violations(
        ({ file, specifier }) =>
          /^@nestjs\/[^/]+\/.+/.test(specifier) && folderOf(file) !== 'nest',
      ),
    ).toEqual([]);
  });

  it('are loaded at run time by transport alone, where they are the MCP SDK', () => {
    expect(
      violations(
        ({ file, specifier, kind }) =>
          specifier.startsWith('@modelcontextprotocol/') &&
          kind !== 'type' &&
          folderOf(file) !== 'transport' &&
          !Object.entries(SDK_AT_RUN_TIME).some(
            ([folder, packages]) =>
              file.startsWith(folder) && packages.includes(specifier),
          ),
      ),
    ).toEqual([]);
  });

  it('are loaded at start-up, when needed, where they are optional peers', () => {
    const optional = Object.keys(peerDependencies).filter(
      (name) => peerDependenciesMeta[name]?.optional,
    );
    expect(
      violations(
        ({ file, specifier, kind }) =>
          kind === 'static' &&
          optional.some((name) => isFrom(specifier, name)) &&
          !Object.entries(ENTRY_POINTS).some(
            ([folder, packages]) =>
              file.startsWith(folder) && packages.includes(specifier),
          ),
      ),
    ).toEqual([]);
  });

  it('never reach an entry point of its own from outside', () => {
    expect(
      violations(
        ({ file, target }) =>
          target !== undefined &&
          Object.keys(ENTRY_POINTS).some(
            (folder) => target.startsWith(folder) && !file.startsWith(folder),
          ),
      ),
    ).toEqual([]);
  });

  it('are declared', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const declared = Object.keys({
      ...manifest.dependencies,
      ...peerDependencies,
    });
    expect(
      violations(
        ({ specifier, target }) =>
          target === undefined &&
          !specifier.startsWith('node:') &&
          !declared.some((name) => isFrom(specifier, name)),
      ),
    ).toEqual([]);
  });
});

describe('the files of the repository', () => {
  it('name no package registry', () => {
    // The one this machine uses, and any that calls itself one.
    const configured = execFileSync('npm', ['config', 'get', 'registry'], {
      encoding: 'utf8',
    }).trim();
    const host = new URL(configured).host;
    const registry = /:\/\/(registry|npm)\.[a-z0-9-]+\.[a-z]/i;
    expect(
      tracked.filter((file) => {
        const text = readFileSync(file, 'utf8');
        return text.includes(host) || registry.test(text);
      }),
    ).toEqual([]);
  });

  it('pin packages without saying where they came from', () => {
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { resolved?: string; integrity?: string }>;
    };
    const packages = Object.entries(lock.packages).filter(([path]) => path);
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter(([, entry]) => entry.resolved)).toEqual([]);
  });
});

/** The feature folder of a file of `lib`; empty for the files at its root. */
function folderOf(file: string): string {
  return /^lib\/([^/]+)\//.exec(file)?.[1] ?? '';
}

function isBehindPort(target: string): boolean {
  return BEHIND_PORT.includes(folderOf(target));
}

/** The folder of a file below a feature folder; undefined for files elsewhere. */
function partOf(area: string, file: string | undefined): string | undefined {
  const [, folder, part, name] = file?.split('/') ?? [];
  return folder === area && name !== undefined ? part : undefined;
}
