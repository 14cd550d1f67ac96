/**
 * Measures what abandoned legacy sessions cost, and whether the idle timeout
 * gives it back: opens sessions over HTTP, as clients that crash do, and looks
 * at the heap before, with all of them, and after the timeout.
 *
 * Run `npm run build && node --expose-gc bench/sessions.mjs [sessions]`.
 */
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { McpModule, McpTool } from '../dist/esm/index.js';

const SESSIONS = Number(process.argv[2] ?? 5000);
/** Milliseconds; longer than opening them takes. */
const IDLE = 60_000;
const AT_ONCE = 20;
/** Kilobytes of heap that an idle session may take. */
const GOAL = 40;

if (!globalThis.gc) {
  throw new Error('Run with --expose-gc');
}

class Tools {
  echo() {
    return 'echo';
  }
}
McpTool({ name: 'echo' })(
  Tools.prototype,
  'echo',
  Object.getOwnPropertyDescriptor(Tools.prototype, 'echo'),
);

class App {}
Module({
  imports: [
    McpModule.forRoot({
      name: 'bench',
      auth: false,
      legacy: {
        sessions: { idleTimeout: IDLE, max: SESSIONS, maxPerUser: SESSIONS },
      },
    }),
  ],
  providers: [Tools],
})(App);

const app = await NestFactory.create(App, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address();
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

/** Kilobytes, once everything that can be freed is. */
async function heap() {
  for (let round = 0; round < 5; round++) {
    await sleep(50);
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed / 1024;
}

const post = (body, headers) =>
  send('POST', headers, JSON.stringify({ jsonrpc: '2.0', ...body }));

const end = (headers) => send('DELETE', headers);

const send = (method, headers = {}, body) =>
  new Promise((resolve, reject) => {
    const outgoing = request(
      {
        port,
        host: '127.0.0.1',
        path: '/mcp',
        method,
        agent,
        headers: {
          ...(body && { 'content-type': 'application/json' }),
          accept: 'application/json, text/event-stream',
          ...headers,
        },
      },
      (response) => {
        response.resume();
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            id: response.headers['mcp-session-id'],
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });

async function open() {
  const { id, status } = await post({
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: { elicitation: {}, sampling: {} },
      clientInfo: { name: 'bench', version: '1.0.0' },
    },
  });
  if (!id) {
    throw new Error(`No session: HTTP ${status}`);
  }
  const headers = {
    'mcp-session-id': id,
    'mcp-protocol-version': '2025-11-25',
  };
  await post({ method: 'notifications/initialized' }, headers);
  await post({ id: 2, method: 'tools/list' }, headers);
  return headers;
}

// What is loaded and compiled at first belongs to no session.
const warmUp = await Promise.all(Array.from({ length: 50 }, open));
for (const headers of warmUp) {
  await end(headers);
}

const before = await heap();
const started = performance.now();
let opened = 0;
let first;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (opened < SESSIONS) {
      opened += 1;
      const headers = await open();
      first ??= headers;
    }
  }),
);
const seconds = (performance.now() - started) / 1000;
const full = await heap();
if ((await post({ id: 3, method: 'ping' }, first)).status !== 200) {
  throw new Error('The first session has ended too early: raise IDLE');
}
await sleep(IDLE + IDLE / 2);
const after = await heap();
if ((await post({ id: 3, method: 'ping' }, first)).status !== 404) {
  throw new Error('An idle session has not ended');
}
const each = (full - before) / SESSIONS;
const back = (full - after) / (full - before);
const row = (name, value) => console.log(`${name.padEnd(36)}${value}`);
row('sessions opened', `${SESSIONS} in ${seconds.toFixed(1)} s`);
row('heap before', `${(before / 1024).toFixed(1)} MB`);
row('heap with all of them', `${(full / 1024).toFixed(1)} MB`);
row('each', `${each.toFixed(1)} KB (goal: below ${GOAL} KB)`);
row('heap after the idle timeout', `${(after / 1024).toFixed(1)} MB`);
row('given back', `${(back * 100).toFixed(0)} %`);
agent.destroy();
await app.close();
if (each > GOAL || back < 0.9) {
  process.exitCode = 1;
}
