import { jest } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  agree,
  bootIssuing,
  type Issuing,
} from '../support/authorization-server.js';
import { freePort } from '../support/free-port.js';
import { PageBrowser } from '../support/page-browser.js';

// Each starts the official suite.
jest.setTimeout(60_000);

const FOLDER = 'test/conformance/node_modules';
const RUNNER = `${FOLDER}/@modelcontextprotocol/conformance/dist/index.js`;
const NODE = `${FOLDER}/node-${process.platform}-${process.arch}/bin/node`;
const isInstalled = existsSync(RUNNER) && existsSync(NODE);

const SCENARIOS = [
  'authorization-server-metadata-endpoint',
  'authorization-code-grant',
];

(isInstalled ? describe : describe.skip)(
  isInstalled
    ? 'the official conformance suite'
    : 'the official conformance suite, skipped: run "npm ci --prefix test/conformance" first',
  () => {
    let server: Issuing;
    let port: number;
    let output: string;

    beforeAll(async () => {
      port = await freePort();
      output = mkdtempSync(join(tmpdir(), 'conformance-'));
      server = await bootIssuing('express', {
        clients: [
          {
            clientId: 'conformance',
            redirectUris: [`http://127.0.0.1:${port}/callback`],
          },
        ],
      });
    });
    afterAll(async () => {
      await server?.close();
      rmSync(output, { recursive: true, force: true });
    });

    it('passes every scenario for authorization servers', async () => {
      // In one run, as one scenario builds on what another has found.
      const options = {
        url: server.issuer,
        resource: server.endpoint,
        'client-id': 'conformance',
        port: String(port),
        'output-dir': output,
      };
      const child = spawn(NODE, [
        RUNNER,
        'authorization',
        ...Object.entries(options).flatMap(([name, value]) => [
          `--${name}`,
          value,
        ]),
      ]);
      const { code, text } = await attend(child, server.issuer);
      for (const scenario of SCENARIOS) {
        expect(text).toContain(`'${scenario}'`);
      }
      expect([code, /FAILURE|SKIPPED/.test(text) ? text : '']).toEqual([0, '']);
    }, 60_000);
  },
);

/** Waits for the end, and logs in wherever it asks a person to. */
async function attend(
  child: ChildProcess,
  issuer: string,
): Promise<{ code: number | null; text: string }> {
  let text = '';
  let isAsked = false;
  const read = (chunk: Buffer): void => {
    text += chunk.toString();
    const url = new RegExp(`${issuer}/oauth/authorize\\?\\S+`).exec(text)?.[0];
    if (url && !isAsked) {
      isAsked = true;
      const browser = new PageBrowser();
      void browser.open(url).then((page) => agree(browser, page));
    }
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, text };
}
