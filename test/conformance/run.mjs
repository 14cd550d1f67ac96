// Runs the official conformance suite against sample/06-everything, in both
// eras: as it is, behind a bearer guard, on Fastify, and on the adapter of Node's
// own server. Exit code 1 unless every scenario passes but for those of extensions.
//
//   npm run conformance                        all
//   npm run conformance -- --only fastify      servers with that in their name
//   npm run conformance -- --url <endpoint>    a server that runs already
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startProxy } from './bearer-proxy.mjs';
import { buildSample, startSample } from './sample-server.mjs';
import { missing, requirementsOf, runSuite } from './suite.mjs';
import { verdictOf } from './verdict.mjs';

/** How many scenarios each revision scores: a suite that scores fewer is no proof. */
const SCORED = { '2026-07-28': 37, '2025-11-25': 30 };

const SERVERS = {
  express: () => startSample({ ADAPTER: 'express' }),
  'bearer guard': startGuarded,
  fastify: () => startSample({ ADAPTER: 'fastify' }),
  node: () => startSample({}, 'test/conformance/node-sample.mjs'),
};

const { values: options } = parseArgs({
  options: { only: { type: 'string', default: '' }, url: { type: 'string' } },
});

const problem = missing();
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
const output = mkdtempSync(join(tmpdir(), 'conformance-'));
process.once('exit', () => rmSync(output, { recursive: true, force: true }));

let isGood = true;
if (options.url === undefined) {
  await buildSample();
  for (const [name, start] of Object.entries(SERVERS)) {
    if (name.includes(options.only)) {
      await judge(name, start);
    }
  }
} else {
  await judge(options.url, async () => ({ url: options.url, stop() {} }));
}
process.exit(isGood ? 0 : 1);

async function judge(name, start) {
  const server = await start();
  try {
    for (const revision of Object.keys(SCORED)) {
      await judgeRevision(name, server.url, revision);
    }
  } finally {
    await server.stop();
  }
}

async function judgeRevision(name, url, revision) {
  const required = await requirementsOf(revision);
  const { checks, text } = await runSuite(
    url,
    revision,
    join(output, name.replaceAll(/\W+/g, '-'), revision),
  );
  if (checks.size === 0) {
    throw new Error(`The suite did not run:\n${text}`);
  }
  const scored = verdictOf(required.scored, checks);
  const unscored = verdictOf(required.unscored, checks);
  console.log(
    `${name.padEnd(14)} ${revision}  scored ${told(scored)}  unscored ${told(unscored)}`,
  );
  for (const scenario of [...scored.faults, ...unscored.faults]) {
    console.log(`  ✗ ${scenario.name}`);
    scenario.faults.forEach((fault) => console.log(`      ${fault}`));
  }
  if (scored.total !== SCORED[revision]) {
    console.log(`  ✗ ${SCORED[revision]} scenarios should be scored`);
    isGood = false;
  }
  isGood &&= scored.faults.length === 0 && unscored.faults.length === 0;
}

function told({ passed, total }) {
  return `${passed} of ${total}`;
}

/** The sample with a token that only the proxy in front of it knows. */
async function startGuarded() {
  const token = crypto.randomUUID();
  const server = await startSample({ TOKEN: token });
  const { status } = await fetch(server.url, { method: 'POST' });
  if (status !== 401) {
    await server.stop();
    throw new Error(`The guard let a request in without a token: ${status}`);
  }
  const proxy = await startProxy(server.url, token);
  return {
    url: proxy.url,
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
}
