import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = process.cwd();
const SOURCES = [
  'lib',
  'LICENSE',
  'nest-cli.json',
  'package.json',
  'README.md',
];
const TSCONFIGS = [
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.build.cjs.json',
];

// What Jest and an outer `npm test` add must not reach the inner commands.
const ADDED = ['NODE_ENV', 'NODE_OPTIONS', 'npm_config_local_prefix'];
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !ADDED.includes(name)),
);

/** Runs a command and returns its output; throws with the output if it fails. */
export async function run(
  directory: string,
  command: string,
  ...args: string[]
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      cwd: directory,
      env: environment,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(
      `${command} ${args.join(' ')} failed\n${stdout ?? ''}\n${stderr ?? ''}`,
    );
  }
}

/**
 * Builds and packs the library from a copy of its sources, so that neither a
 * stale `dist` nor a build that runs beside the test takes part.
 *
 * @returns the path of the tarball
 */
export async function packLibrary(workspace: string): Promise<string> {
  const copy = join(workspace, 'library');
  for (const file of [...SOURCES, ...TSCONFIGS]) {
    await cp(join(ROOT, file), join(copy, file), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
  await run(copy, 'npm', 'pack', '--pack-destination', workspace);
  const tarball = (await readdir(workspace)).find((f) => f.endsWith('.tgz'));
  if (!tarball) {
    throw new Error('npm pack left no tarball');
  }
  return join(workspace, tarball);
}

/** Copies an application of `test/pack/apps` and installs the tarball into it. */
export async function installApp(
  workspace: string,
  name: string,
  tarball: string,
): Promise<string> {
  const app = join(workspace, name);
  await cp(join(ROOT, 'test/pack/apps', name), app, {
    recursive: true,
    filter: (path) => !/[/\\](node_modules|dist)$/.test(path),
  });
  await install(app, tarball);
  return app;
}

/** Installs the tarball, and npm's choice of its peers, into an empty package. */
export async function installAlone(
  workspace: string,
  tarball: string,
): Promise<string> {
  const app = await mkdtemp(join(workspace, 'alone-'));
  await writeFile(join(app, 'package.json'), '{ "private": true }');
  await install(app, tarball);
  return app;
}

/** Installs the tarball, with everything else that the application depends on. */
export const install = (app: string, tarball: string): Promise<string> =>
  run(
    app,
    'npm',
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    tarball,
  );

/** A fresh directory for one run of the test. */
export const createWorkspace = (): Promise<string> =>
  mkdtemp(join(tmpdir(), 'nestjs-mcp-pack-'));
