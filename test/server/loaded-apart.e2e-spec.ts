import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';

jest.setTimeout(5 * 60_000);

const run = promisify(execFile);

/** What applications import by an entry point of its own, or ask for by an option. */
const BEHIND = [
  'authorization-server',
  'client',
  'fastapi-mcp',
  'stdio',
  'testing',
];

const FORMATS = {
  import: 'tsconfig.build.json',
  require: 'tsconfig.build.cjs.json',
} as const;
type Format = keyof typeof FORMATS;

// Below the repository, so that packages are found.
const CACHE = resolve('node_modules/.cache');
let builds: string;

beforeAll(async () => {
  await mkdir(CACHE, { recursive: true });
  builds = await mkdtemp(join(CACHE, 'entry-points-'));
  for (const [format, project] of Object.entries(FORMATS)) {
    const outDir = join(builds, format);
    const flags = ['--noCheck', '--declaration', 'false'];
    await run('npx', ['tsc', '-p', project, '--outDir', outDir, ...flags]);
    const type = format === 'import' ? 'module' : 'commonjs';
    await writeFile(join(outDir, 'package.json'), JSON.stringify({ type }));
  }
});
afterAll(() => rm(builds, { recursive: true, force: true }));

const dataUrl = (source: string): string =>
  `data:text/javascript,${encodeURIComponent(source)}`;
// Into a file: what is written to a pipe that is full is lost.
const LOAD = `import { appendFileSync } from 'node:fs';
export async function load(url, context, next) {
  appendFileSync(process.env.LOADED, url + '\\n');
  return next(url, context);
}`;
const REGISTER = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(LOAD))});`;

/** Files of the library that an application loads which starts, and ends again. */
async function loadedBy(format: Format, options: string): Promise<string[]> {
  const folder = join(builds, format);
  const entry = join(folder, 'index.js');
  const load =
    format === 'import'
      ? `import(${JSON.stringify(pathToFileURL(entry).href)})`
      : `Promise.resolve(require(${JSON.stringify(entry)}))`;
  // The thread of the hooks keeps no process alive.
  const script = `const alive = setInterval(() => {}, 1000); (async () => {
    const { McpModule, StaticTokenVerifier } = await ${load};
    const { NestFactory } = require('@nestjs/core');
    const module = McpModule.forRoot(${options});
    const app = await NestFactory.create(module, { logger: ['error'] });
    await app.init();
    await app.close();
    const required = Object.keys(require('node:module')._cache);
    require('node:fs').appendFileSync(process.env.LOADED, required.join('\\n') + '\\nended\\n');
  })().finally(() => clearInterval(alive));`;
  const log = join(builds, `${format}-${Math.random()}.log`);
  await run(process.execPath, ['--import', dataUrl(REGISTER), '-e', script], {
    env: { ...process.env, LOADED: log },
  });
  const loaded = (await readFile(log, 'utf8')).trimEnd().split('\n');
  expect(loaded.at(-1)).toBe('ended');
  return loaded
    .filter((file) => file.includes(folder))
    .map((file) => file.slice(file.indexOf(folder) + folder.length + 1));
}

const foldersOf = (files: readonly string[]): string[] =>
  BEHIND.filter((folder) =>
    files.some((file) => file.startsWith(`${folder}/`)),
  );

describe.each(Object.keys(FORMATS) as Format[])(
  'an application that loads the main entry by %s',
  (format) => {
    it('loads nothing of the other entry points without auth', async () => {
      const files = await loadedBy(format, '{}');
      expect(files).toContain('index.js');
      expect(files).toContain('auth/server/server-auth.js');
      expect(foldersOf(files)).toEqual([]);
    });

    it('nor with a verifier of tokens that others issue', async () => {
      const verifier = "new StaticTokenVerifier({ good: { scope: 'a' } })";
      const auth = `{ resource: 'http://127.0.0.1/mcp', verifier: ${verifier} }`;
      const files = await loadedBy(format, `{ auth: ${auth} }`);
      expect(foldersOf(files)).toEqual([]);
    });

    it('loads the authorization server where an option asks for it', async () => {
      const server = '{ login: { login: () => null } }';
      const auth = `{ resource: 'http://127.0.0.1/mcp', authorizationServer: ${server} }`;
      const files = await loadedBy(format, `{ auth: ${auth} }`);
      expect(foldersOf(files)).toEqual(['authorization-server']);
    });
  },
);
