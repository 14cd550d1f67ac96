import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { textOf } from './children.mjs';

const FOLDER = fileURLToPath(new URL('node_modules', import.meta.url));
const RUNNER = `${FOLDER}/@modelcontextprotocol/conformance/dist/index.js`;
/** The suite needs Node.js 22; this project runs on 20 as well. */
const NODE = `${FOLDER}/node-${process.platform}-${process.arch}/bin/node`;
const MILLISECONDS = 120_000;

/** What is to be done before the suite can run; undefined when it can. */
export const missing = () =>
  existsSync(RUNNER) && existsSync(node())
    ? undefined
    : 'The suite is not installed: run "npm ci --ignore-scripts --prefix test/conformance" first.';

const node = () =>
  Number(process.versions.node.split('.')[0]) >= 22 ? process.execPath : NODE;

const start = (args) =>
  spawn(node(), [RUNNER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

/**
 * The scenarios for servers that a revision requires, those that it runs
 * without scoring them, and those of extensions.
 */
export async function requirementsOf(revision) {
  const { text } = await textOf(
    start(['list', '--requirements', revision]),
    MILLISECONDS,
  );
  const scenarios = { scored: [], unscored: [], extensions: [] };
  let section;
  for (const line of text.split('\n')) {
    const item = /^ +- (\S+)(?: \[(\w+)\])?$/.exec(line);
    if (item === null) {
      section = sectionOf(line) ?? section;
    } else if (section !== undefined && (item[2] ?? 'server') === 'server') {
      scenarios[section]?.push(item[1]);
    }
  }
  return scenarios;
}

function sectionOf(line) {
  if (line.startsWith('Server scenarios')) return 'scored';
  if (line.startsWith('Client scenarios')) return 'clients';
  if (/^ +extension \(/.test(line)) return 'extensions';
  if (/^ +[\w-]+ \(\d+\):/.test(line)) return 'unscored';
  return undefined;
}

/**
 * Runs what a revision requires, and returns the checks of each scenario by
 * its name.
 */
export async function runSuite(url, revision, output) {
  const { text } = await textOf(
    start(['server', '--url', url, '--requirements', revision, '-o', output]),
    MILLISECONDS,
  );
  const checks = new Map();
  for (const folder of existsSync(output) ? readdirSync(output) : []) {
    const name = /^server-(.+?)-\d{4}-\d\d-\d\dT/.exec(folder)?.[1];
    const file = join(output, folder, 'checks.json');
    if (name !== undefined && existsSync(file)) {
      checks.set(name, JSON.parse(readFileSync(file, 'utf8')));
    }
  }
  return { checks, text };
}
