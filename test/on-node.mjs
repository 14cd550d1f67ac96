// The tests on another Node.js: `npm run test:node -- 24`, or with the arguments
// of `npm test` behind the version. It is fetched into a folder of its own once,
// from the package of its platform, which runs no script.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PLATFORM = process.platform === 'win32' ? 'win' : process.platform;
const PACKAGE = `node-${PLATFORM}-${process.arch}`;

const [version = '', ...args] = process.argv.slice(2);
if (!/^\d+(\.\d+){0,2}$/.test(version)) {
  console.error('Name a version of Node.js: npm run test:node -- 24');
  process.exit(1);
}
const node = fetched(version);
console.log(`Node.js ${run(node, ['--version'], 'pipe').stdout.trim()}`);
const { status } = spawnSync(node, [join(ROOT, 'test/run.mjs'), ...args], {
  cwd: ROOT,
  stdio: 'inherit',
  // Programs that tests start are to run on it, too.
  env: {
    ...process.env,
    PATH: [dirname(node), process.env.PATH].join(delimiter),
  },
});
process.exitCode = status ?? 1;

/** @returns the path of the binary */
function fetched(wanted) {
  const folder = join(ROOT, '.node', wanted);
  const name = PLATFORM === 'win' ? 'bin/node.exe' : 'bin/node';
  const binary = join(folder, 'node_modules', PACKAGE, name);
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    // Else npm would install into the project, whose package.json is nearest.
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    run('npm', [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefix',
      folder,
      `${PACKAGE}@${wanted}`,
    ]);
  }
  return binary;
}

/** Ends the process where the command fails. */
function run(command, given, stdio = 'inherit') {
  const result = spawnSync(command, given, {
    stdio,
    encoding: 'utf8',
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (result.status !== 0) {
    console.error(`${command} ${given.join(' ')} failed`);
    process.exit(1);
  }
  return result;
}
