import { Module } from '@nestjs/common';
import { McpModule } from '../../lib/index.js';
import {
  FailuresModule,
  ProblemFilter,
  SECRET,
} from '../fixtures/calls/failures.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import { ERAS, rpc } from '../support/json-rpc.js';

@Module({
  imports: [McpModule.forRoot({ name: 'failures' }), FailuresModule],
})
class AppModule {}

const TOKEN = 'Bearer token-that-must-not-come-back';
const crashes = [
  'unavailable',
  'error',
  'text',
  'rejection',
  'cause',
  'interceptor',
  'late_interceptor',
  'middleware',
  'problem_crash',
];

describe.each(ADAPTERS)('a route that fails, on %s', (adapter) => {
  describe.each([
    { filters: 'no global filter', own: false },
    { filters: 'a global filter of its own', own: true },
  ])('with $filters', ({ own }) => {
    let booted: BootedApp;
    let endpoint: string;

    beforeAll(async () => {
      booted = await bootApp(AppModule, adapter, {
        configure: (app) => {
          if (own) app.useGlobalFilters(new ProblemFilter());
        },
      });
      endpoint = `${booted.url}/mcp`;
    });
    afterAll(() => booted?.close());

    it.each([
      ['unauthorized', 401, ['Who are you?']],
      ['forbidden', 403, ['Not for you']],
      ['not_found', 404, ['No such cat']],
      ['unprocessable', 422, ['The end is before the start']],
      ['problem', 404, ['No such cat, in our own format']],
    ])('tells status and message of %s', async (name, status, messages) => {
      for (const era of ERAS) {
        const result = await callTool(
          endpoint,
          `failures_${name}`,
          {},
          { era },
        );
        expect(result.isError).toBe(true);
        expect(result.text).toContain(String(status));
        for (const message of messages) {
          expect(result.text).toContain(message);
        }
      }
    });

    if (!own) {
      it('tells every message of a list', async () => {
        const { text } = await callTool(endpoint, 'failures_bad_request');
        expect(text).toContain('400');
        expect(text).toContain('size must be positive');
        expect(text).toContain('name is short');
      });

      it('tells the fields of an error that has no message', async () => {
        const { text } = await callTool(endpoint, 'failures_conflict');
        expect(text).toContain('409');
        expect(text).toContain('TAKEN');
        expect(text).toContain('the name is taken');
      });
    }

    it('tells when a throttled caller may come again', async () => {
      const result = await callTool(endpoint, 'failures_too_many');
      expect(result.isError).toBe(true);
      expect(result.text).toContain('429');
      expect(result.text).toContain('Slow down');
      expect(result.text).toContain('17');
    });

    it.each(crashes)('tells nothing of the inside of %s', async (name) => {
      for (const era of ERAS) {
        const answer = await rpc(
          endpoint,
          era,
          'tools/call',
          { name: `failures_${name}`, arguments: {} },
          { headers: { authorization: TOKEN } },
        );
        expect(answer.response?.result?.['isError']).toBe(true);
        expect(answer.text).not.toContain('hunter2');
        expect(answer.text).not.toContain(SECRET);
        expect(answer.text).not.toContain('token-that-must-not-come-back');
        expect(answer.text).not.toMatch(/\.(ts|js):\d+|node_modules|at \w+ \(/);
        expect(answer.text).not.toMatch(/lost|TypeError/);
      }
    });

    it('gives up a route that never answers', async () => {
      const started = Date.now();
      const result = await callTool(endpoint, 'failures_never');
      expect(Date.now() - started).toBeLessThan(2000);
      expect(result.isError).toBe(true);
      expect(result.text).toMatch(/time|200 ms/i);
    });

    it('serves the next call after every failure', async () => {
      for (const name of [...crashes, 'never']) {
        await callTool(endpoint, `failures_${name}`);
      }
      const result = await callTool(endpoint, 'failures_fine');
      expect(result.structuredContent).toEqual({ fine: true });
    });

    it('takes an empty answer for an empty result', async () => {
      const result = await callTool(endpoint, 'failures_nothing');
      expect(result.isError).toBe(false);
      expect(result.text).toBe('');
    });
  });

  it('keeps the detail of a crash in the log', async () => {
    const booted = await bootApp(AppModule, adapter);
    try {
      await callTool(`${booted.url}/mcp`, 'failures_error');
      expect(booted.logger.of('error').join('\n')).toContain(SECRET);
    } finally {
      await booted.close();
    }
  });
});
