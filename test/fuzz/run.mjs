/**
 * Sends mutated requests to a server, and looks whether it stays well:
 *
 *     npm run fuzz -- --requests 10000 --seed 7 [--adapter fastify]
 *     npm run fuzz -- --seed 7 --adapter fastify --target oauth --only 4711
 *
 * No 5xx but 503, an answer to each, no stack in an answer or in the log, no
 * exception that nobody catches, and memory that comes back.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from './client.mjs';
import { endpointRequest } from './endpoint-requests.mjs';
import { oauthRequest } from './oauth-requests.mjs';
import { Random } from './random.mjs';

const TARGETS = {
  endpoint: { make: endpointRequest, share: 1 },
  oauth: { make: oauthRequest, share: 0.2 },
};
const REQUESTS = 100_000;
/** Requests under way at once. */
const LANES = 16;
/** Requests before the first look at memory, after which code and caches have settled. */
const SETTLE = 2000;
/** Bytes that the heap may have grown by at the end. */
const GROWTH = 64 * 2 ** 20;
/** Failures of one kind that are printed in full. */
const SHOWN = 3;
/** Files and frames, as no answer of ours has. */
const INTERNAL =
  /\n\s+at .+:\d+:\d+|node_modules|file:\/\/\/|\b(?:TypeError|RangeError|ReferenceError)\b/;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: String(REQUESTS) },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    adapter: { type: 'string' },
    target: { type: 'string' },
    only: { type: 'string' },
  },
});
const seed = Number(values.seed);
const failures = [];
for (const adapter of values.adapter
  ? [values.adapter]
  : ['express', 'fastify', 'node']) {
  for (const target of values.target ? [values.target] : Object.keys(TARGETS)) {
    const found = await fuzz(adapter, target);
    report(found);
    failures.push(...found);
  }
}
const verdict =
  failures.length === 0 ? 'passed' : `${failures.length} failures`;
console.log(`\nfuzz: ${verdict} (seed ${seed})`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function fuzz(adapter, target) {
  const { make, share } = TARGETS[target];
  const count = Math.ceil(Number(values.requests) * share);
  const found = [];
  const fail = (kind, number, detail) =>
    found.push({ kind, adapter, target, number, detail });
  const server = await startServer(adapter);
  const client = new Client(server.origin, {
    token: 'fuzz',
    resource: `${server.origin}/own`,
  });
  const requestOf = (number) => make(new Random(seed, number, target.length));
  const send = async (number) => {
    const request = requestOf(number);
    const answer = await client.send(request, number);
    if (request.method === 'DELETE' && answer.status < 300) {
      await prepare(client);
    }
    judge(answer, (kind) =>
      fail(
        kind,
        number,
        `${printed(request)}\n  -> ${answer.status} ${answer.text.slice(0, 500)}`,
      ),
    );
  };
  try {
    await prepare(client);
    if (values.only !== undefined) {
      console.log(printed(requestOf(Number(values.only))));
      await send(Number(values.only));
    } else {
      await inLanes(0, Math.min(SETTLE, count), send);
      const before = await server.ask('memory');
      await inLanes(Math.min(SETTLE, count), count, send);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const after = await server.ask('memory');
      const growth = after.heap - before.heap;
      console.log(
        `${adapter} ${target}: ${count} requests, heap ${megabytes(before.heap)} -> ${megabytes(after.heap)}`,
      );
      if (growth > GROWTH) {
        fail('memory', '-', `the heap grew by ${megabytes(growth)}`);
      }
    }
    const { faults } = await server.ask('faults');
    for (const { request, text } of faults) {
      const number = Number(request);
      fail(
        text.split('\n')[0].slice(0, 80),
        request ?? '-',
        `${text}\n  <- ${Number.isInteger(number) ? printed(requestOf(number)) : 'no request'}`,
      );
    }
  } catch (error) {
    fail('crash', '-', String(error.stack));
  } finally {
    client.close();
    server.child.kill();
  }
  return found;
}

/** A session and a client of the authorization server, for requests that name one. */
async function prepare(client) {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const post = (path, body, more = {}) =>
    client.send(
      {
        method: 'POST',
        path,
        headers: { ...headers, ...more },
        pieces: [Buffer.from(JSON.stringify(body))],
      },
      '',
    );
  const session = await post(
    '/open',
    {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'fuzz', version: '1' },
      },
    },
    { authorization: 'Bearer fuzz' },
  );
  const registered = await post('/oauth/register', {
    redirect_uris: ['http://127.0.0.1:7777/callback'],
    token_endpoint_auth_method: 'none',
  });
  client.names.session = session.headers['mcp-session-id'];
  client.names.client = JSON.parse(registered.text || '{}').client_id;
  if (!client.names.session || !client.names.client) {
    throw new Error(
      `no session or no client: ${session.text} ${registered.text}`,
    );
  }
}

function judge({ status, text }, fail) {
  if (status === 0) {
    fail(`no answer: ${text}`);
  } else if (status >= 500 && status !== 503) {
    fail(`status ${status}`);
  }
  if (INTERNAL.test(text)) {
    fail('internals in an answer');
  }
}

async function inLanes(from, to, send) {
  let next = from;
  const lane = async () => {
    while (next < to) {
      await send(next++);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function startServer(adapter) {
  const child = fork(
    fileURLToPath(new URL('server.mjs', import.meta.url)),
    [adapter],
    { execArgv: ['--expose-gc'] },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  const next = () =>
    new Promise((resolve, reject) => {
      const ended = (code, signal) =>
        reject(new Error(`the server ended: ${signal ?? code}`));
      child.once('exit', ended);
      child.once('message', (message) => {
        child.off('exit', ended);
        resolve(message);
      });
    });
  const { origin } = await next();
  const ask = (question) => {
    const answer = next();
    child.send(question);
    return answer;
  };
  return { child, origin, ask };
}

function printed({ method, path, headers, pieces }) {
  const body = Buffer.concat(pieces).toString();
  return `  ${method} ${path.slice(0, 300)} ${JSON.stringify(headers).slice(0, 400)}\n  ${body.slice(0, 600)}${body.length > 600 ? ` … (${body.length})` : ''}`;
}

function report(all) {
  const kinds = new Map();
  for (const failure of all) {
    kinds.set(failure.kind, [...(kinds.get(failure.kind) ?? []), failure]);
  }
  for (const [kind, of] of kinds) {
    console.log(`\n${of.length} x ${kind}`);
    for (const { adapter, target, number, detail } of of.slice(0, SHOWN)) {
      console.log(
        `  --seed ${seed} --adapter ${adapter} --target ${target} --only ${number}\n${detail}`,
      );
    }
  }
}

function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
