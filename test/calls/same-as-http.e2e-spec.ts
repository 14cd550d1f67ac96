import { Module, type INestApplication } from '@nestjs/common';
import * as fc from 'fast-check';
import { McpModule } from '../../lib/index.js';
import { applications } from '../fixtures/same-as-http/applications.js';
import { damaged } from '../fixtures/same-as-http/damage.js';
import { MemoryStore } from '../fixtures/same-as-http/memory-store.js';
import type {
  HttpInput,
  RouteCase,
  StyleCase,
} from '../fixtures/same-as-http/route-case.interface.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools, type ToolResult } from '../support/call-tool.js';
import { ERAS, type Era } from '../support/json-rpc.js';
import {
  sendHttp,
  toArguments,
  type HttpAnswer,
} from '../support/send-http.js';

/*
 * What is equal: status, body, side effects and errors. Two differences are by
 * design and therefore not generated. Null for what is neither required nor
 * nullable is no argument of a tool, where a route receives it. And a tool's
 * schema is closed, so an unknown argument is refused, where an application
 * without a whitelist ignores it.
 */
const SEED = 20_260_728;
const RUNS = 14;

interface Tally {
  accepted: number;
  refusedByRoute: number;
  refusedBySchema: number;
}

describe('a route over HTTP and as a tool', () => {
  it('is shown for at least 40 routes', () => {
    const routes = applications.flatMap(({ cases }) => cases.routes);
    expect(routes.length).toBeGreaterThanOrEqual(40);
  });

  describe.each(applications)('$style', ({ cases, controllers }) => {
    describe.each(ADAPTERS)('on %s', (adapter) => {
      let booted: BootedApp;

      beforeAll(async () => {
        @Module({
          imports: [McpModule.forRoot({ name: 'equality', expose: 'all' })],
          controllers: [...controllers],
          providers: [MemoryStore],
        })
        class EqualityModule {}
        booted = await bootApp(EqualityModule, adapter);
      });
      afterAll(() => booted?.close());

      it('exposes every route of the table, and no other', async () => {
        const listed = await listTools(`${booted.url}/mcp`);
        expect(listed.map((tool) => tool.name).sort()).toEqual(
          cases.routes.map((route) => route.tool).sort(),
        );
      });

      describe.each(cases.routes)('$method $path', (route) => {
        const tally: Tally = {
          accepted: 0,
          refusedByRoute: 0,
          refusedBySchema: 0,
        };
        const check = (era: Era) => async (input: HttpInput) => {
          tally[await compare(booted, cases, route, input, era)]++;
        };

        it.each(ERAS)('answers valid input alike (%s)', async (era) => {
          await fc.assert(fc.asyncProperty(route.valid, check(era)), {
            seed: SEED,
            numRuns: RUNS,
          });
          expect(tally.accepted).toBeGreaterThan(0);
        });

        it('answers damaged input alike', async () => {
          await fc.assert(
            fc.asyncProperty(damaged(route.valid), check('modern')),
            { seed: SEED, numRuns: RUNS },
          );
          for (const input of route.invalid ?? []) {
            const before = tally.accepted;
            await check('modern')(input);
            expect(tally.accepted).toBe(before);
          }
          if (!route.neverRefuses) {
            expect(
              tally.refusedByRoute + tally.refusedBySchema,
            ).toBeGreaterThan(0);
          }
        });
      });
    });
  });
});

/** Sends one input both ways and holds the two answers to each other. */
async function compare(
  { app, url }: BootedApp,
  cases: StyleCase,
  route: RouteCase,
  input: HttpInput,
  era: Era,
): Promise<keyof Tally> {
  const [answer, afterHttp] = await withFreshStore(app, cases, () =>
    sendHttp(url, route, input),
  );
  const args = toArguments(route, input);
  const [result, afterTool] = await withFreshStore(app, cases, () =>
    callTool(`${url}/mcp`, route.tool, args, { era }),
  );
  expect(answer.status).toBeLessThan(500);
  expect({
    status: answer.status,
    isError: result.isError,
    text: result.text,
  }).toEqual({
    status: answer.status,
    isError: answer.status >= 400,
    text: result.text,
  });
  expect(afterTool).toEqual(afterHttp);
  if (answer.status < 400) {
    expectSameBody(answer, result, era);
    return 'accepted';
  }
  return refusalOf(answer, result);
}

async function withFreshStore<T>(
  app: INestApplication,
  cases: StyleCase,
  act: () => Promise<T>,
): Promise<[T, unknown]> {
  const store = app.get(MemoryStore);
  store.reset(cases.seed);
  const value = await act();
  return [value, store.snapshot()];
}

function expectSameBody(
  answer: HttpAnswer,
  result: ToolResult,
  era: Era,
): void {
  if (answer.status === 204) {
    expect(result.text).toBe('');
    expect(result.structuredContent).toBeUndefined();
    return;
  }
  if (typeof answer.body === 'string') {
    expect(result.text).toBe(answer.body);
    return;
  }
  expect(JSON.parse(result.text)).toEqual(answer.body);
  // The 2025 protocol allows only an object here.
  if (era === 'modern' || !Array.isArray(answer.body)) {
    expect(result.structuredContent).toEqual(answer.body);
  }
}

/** Who refused: the route, with its own status and message, or the tool's schema. */
function refusalOf(answer: HttpAnswer, result: ToolResult): keyof Tally {
  const messages = messagesOf(answer.body);
  expect(messages.length).toBeGreaterThan(0);
  if (result.text.includes(String(answer.status))) {
    for (const message of messages) expect(result.text).toContain(message);
    return 'refusedByRoute';
  }
  expect([400, 422]).toContain(answer.status);
  expect(result.text).toMatch(/argument/i);
  return 'refusedBySchema';
}

/** The texts of an error body, wherever the application put them. */
function messagesOf(body: unknown): string[] {
  const { message, code } = body as Record<string, unknown>;
  return [message ?? code].flat().map(String);
}
