import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { generateApp, generationRefused } from './fresh-application.js';
import { loadedModules } from './loaded-modules.js';
import {
  createWorkspace,
  installAlone,
  installApp,
  packLibrary,
  run,
} from './packed-library.js';

jest.setTimeout(10 * 60_000);

const { peerDependencies, peerDependenciesMeta } = JSON.parse(
  await readFile('package.json', 'utf8'),
) as {
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
};
const OPTIONAL_PEERS = Object.keys(peerDependencies).filter(
  (name) => peerDependenciesMeta[name]?.optional,
);

const fromPackage = (modules: readonly string[], name: string) =>
  modules.filter((file) => file.includes(`/node_modules/${name}/`));

let workspace: string;
let tarball: string;

beforeAll(async () => {
  workspace = await createWorkspace();
  tarball = await packLibrary(workspace);
});

afterAll(() => rm(workspace, { recursive: true, force: true }));

describe.each([
  { name: 'nest12-esm', nest: '12.', format: 'import' as const },
  { name: 'nest11-commonjs', nest: '11.', format: 'require' as const },
])('the packed library in $name', ({ name, nest, format }) => {
  let app: string;

  beforeAll(async () => {
    app = await installApp(workspace, name, tarball);
  });

  it(`runs beside one NestJS ${nest}x`, async () => {
    const installed = JSON.parse(await run(app, 'npm', 'query', '*')) as {
      name: string;
      version: string;
    }[];
    const core = installed.filter((entry) => entry.name === '@nestjs/core');
    expect(core).toHaveLength(1);
    expect(core[0]?.version.startsWith(nest)).toBe(true);
  });

  it('type-checks, boots, lists the tool and calls it: over HTTP, stdio and in process', async () => {
    await run(app, 'npm', 'run', 'build');
    const output = await run(app, 'npm', 'run', '--silent', 'check');
    expect(JSON.parse(output)).toEqual({
      server: 'greeter',
      tools: ['greetings_greet'],
      inputSchema: expect.objectContaining({
        type: 'object',
        properties: {
          name: expect.objectContaining({
            type: 'string',
            minLength: 1,
            maxLength: 40,
          }),
          language: expect.anything(),
        },
        required: ['name'],
      }),
      greeting: { text: 'Bonjour, Ada!' },
      refused: true,
      overStdio: ['greetings_greet'],
      inProcess: { text: 'Hello, Grace!' },
    });
  });

  it('refuses, when compiled, what its types forbid', async () => {
    await expect(
      run(app, 'npx', 'tsc', '--noEmit', '-p', 'tsconfig.misuse.json'),
    ).rejects.toThrow(/misuse\.ts.*TS2322/);
  });

  it('loads the main entry without an optional peer that is installed', async () => {
    const modules = await loadedModules(app, format);
    expect(fromPackage(modules, 'nestjs-mcp')).not.toEqual([]);
    expect(
      OPTIONAL_PEERS.filter((peer) => fromPackage(modules, peer).length > 0),
    ).toEqual([]);
  });

  if (format === 'require') {
    it('passes the unit tests of the application under plain Jest, with a client, with tokens and with an authorization server', async () => {
      // Jest writes its summary to the error stream.
      const output = await run(app, 'sh', '-c', 'npm test -- --ci 2>&1');
      expect(output).toMatch(/^Tests: +9 passed, 9 total$/m);
    });
  }
});

describe('the packed library alone', () => {
  let app: string;

  beforeAll(async () => {
    app = await installAlone(workspace, tarball);
  });

  it('pulls in no optional peer', async () => {
    const names = (await readdir(join(app, 'node_modules'), {
      recursive: true,
    })) as string[];
    expect(names).toContain(join('@nestjs', 'core'));
    expect(OPTIONAL_PEERS.filter((peer) => names.includes(peer))).toEqual([]);
  });

  it.each(['import', 'require'] as const)('loads by %s', async (format) => {
    const modules = await loadedModules(app, format);
    const folder = format === 'import' ? 'esm' : 'cjs';
    expect(
      modules.some((file) => file.endsWith(`/dist/${folder}/index.js`)),
    ).toBe(true);
  });

  it('contains the library, its types and its maps, and nothing else', async () => {
    const root = join(app, 'node_modules', 'nestjs-mcp');
    const entries = (
      await readdir(root, {
        recursive: true,
        withFileTypes: true,
      })
    ).filter((entry) => entry.isFile());
    const files = entries.map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    );
    const modules = files.filter((file) => file.endsWith('.js'));
    for (const file of modules) {
      expect(files).toContain(`${file}.map`);
      expect(files).toContain(file.replace(/\.js$/, '.d.ts'));
    }
    expect(
      files.filter(
        (file) =>
          !/^dist\/(esm|cjs)\/.*\.(js|js\.map|d\.ts)$/.test(file) &&
          ![
            'package.json',
            'LICENSE',
            'README.md',
            'dist/cjs/package.json',
          ].includes(file),
      ),
    ).toEqual([]);
    expect(files.filter((file) => file.includes('.spec.'))).toEqual([]);
  });
});

const refused = await generationRefused();

describe.each([
  { cli: '11', passed: /^Tests: +1 passed, 1 total$/m },
  { cli: '12', passed: /^ +Tests +1 passed \(1\)$/m },
])('the packed library, with auth, in what CLI $cli generates', (row) => {
  const { cli, passed } = row;
  if (refused !== undefined) {
    it.skip(`leaves its tests passing: ${refused}`, () => {});
    return;
  }
  let app: string;

  beforeAll(async () => {
    app = await generateApp(workspace, cli, tarball);
  });

  it('is a NestJS of that version, which compiles', async () => {
    const core = JSON.parse(
      await run(app, 'npm', 'query', '#@nestjs/core'),
    ) as { version: string }[];
    expect(core.map(({ version }) => version.split('.')[0])).toEqual([cli]);
    await run(app, 'npm', 'run', 'build');
  });

  it.each(['test', 'test:e2e'])(
    'leaves its own npm run %s passing, unchanged',
    async (script) => {
      // Both runners write their summary to the error stream or to the other.
      const command = `NO_COLOR=1 npm run ${script} 2>&1`;
      expect(await run(app, 'sh', '-c', command)).toMatch(passed);
    },
  );
});
