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
  client: [
    'server',
    'auth',
    'telemetry',
    'platform',
    'nest',
    'secrets',
    'context',
    'options',
  ],
  stdio: ['transport', 'server', 'auth', 'platform', 'options'],
  testing: ['server', 'auth', 'platform', 'options', 'schema', 'tools'],
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
    'cache',
    'redis',
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
  'fastapi-mcp': [
    'authorization-server',
    'auth',
    'platform',
    'nest',
    'cache',
    'options',
  ],
  'authorization-server': [
    'auth',
    'redis',
    'platform',
    'nest',
    'secrets',
    'options',
  ],
  auth: ['platform', 'nest', 'context', 'cache', 'options'],
  schema: ['platform', 'nest', 'secrets'],
  secrets: ['platform'],
  telemetry: [],
  platform: ['nest'],
  nest: [],
  context: [],
  cache: [],
  redis: ['options'],
  options: [],
};
// Entry points of their own, for applications that have the packages.
const ENTRY_POINTS: Readonly<Record<string, readonly string[]>> = {
  'lib/auth/passport/': ['@nestjs/passport', 'passport'],
  'lib/client/': ['@modelcontextprotocol/client'],
};
/** What the main entry loads when the options ask for it, and never before. */
const BEHIND_PORT = [
  'authorization-server',
  'client',
  'fastapi-mcp',
  'stdio',
  'testing',
];
/** Where the MCP SDK is loaded, beside the folder that is made of it. */
const SDK_AT_RUN_TIME: Readonly<Record<string, readonly string[]>> = {
  'lib/stdio/': ['@modelcontextprotocol/server/stdio'],
  'lib/client/': [
    '@modelcontextprotocol/client',
    '@modelcontextprotocol/client/stdio',
  ],
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

  it('import files that exist', () => {
    expect(
      violations(
        ({ target }) => target !== undefined && !sources.includes(target),
      ),
    ).toEqual([]);
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
