import {
  All,
  Controller,
  Delete,
  Get,
  Module,
  Param,
  type Type,
} from '@nestjs/common';
import fc from 'fast-check';
import { McpHide, McpModule, McpTool } from '../../lib/index.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';

/** One route of a random application. */
interface Entry {
  readonly verb: 'get' | 'delete' | 'all';
  readonly path: string;
  readonly kind: 'tool' | 'hidden' | 'plain' | 'adapter';
  readonly controller: 0 | 1;
}

/** What a handler was run with. */
interface Turn {
  readonly route: number;
  readonly params: Readonly<Record<string, unknown>>;
}

const COMMON = [
  'a',
  'b',
  'a-b',
  ':x',
  'a/:x',
  ':x/b',
  ':x/:y',
  ':x-:y',
  'a-:x',
  ':x.json',
  'a.json',
];
const PATTERNS: Record<AdapterName, readonly string[]> = {
  express: [...COMMON, ':x{/:y}', ':x.:y', '*w', 'a/*w', 'A'],
  node: [...COMMON, ':x{/:y}', ':x.:y', '*w', 'a/*w', 'A'],
  fastify: [...COMMON, ':x(^\\d+$)', ':x-:y-:z', ':x(^[a-z]+$)-:y', '*', 'a/*'],
};
/** Names of siblings, and what a path could make something else of. */
const VALUES = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'A',
    'a-b',
    'a-',
    '-b',
    '7',
    'json',
    'a.json',
    '.json',
    'a/b',
    'a%2Fb',
    '%61',
    'é',
    'e\u0301',
    'mcp',
    'health',
    ' ',
    '?',
    '#',
    '::',
    'a--b',
    'a.b-c',
    '*',
  ),
  fc.string({ minLength: 1, maxLength: 4 }),
);

const entries = (adapter: AdapterName): fc.Arbitrary<Entry[]> =>
  fc
    .array(
      fc.record({
        verb: fc.constantFrom('get', 'get', 'delete', 'all'),
        path: fc.constantFrom(...PATTERNS[adapter]),
        kind: fc.constantFrom('tool', 'tool', 'hidden', 'plain', 'adapter'),
        controller: fc.constantFrom(0, 1),
      }),
      { minLength: 3, maxLength: 8 },
    )
    // Fastify takes no route twice.
    .map((all) => [
      ...new Map(
        all.map((entry) => [entry.path.replace(/:\w+/g, ':'), entry as Entry]),
      ).values(),
    ]);

/** An application with these routes, which note their turns. */
function moduleOf(routes: readonly Entry[], turns: Turn[]): Type<unknown> {
  const controllers = [0, 1].map((index) => {
    class RandomController {}
    Controller('p')(RandomController);
    routes.forEach(({ verb, path, kind, controller }, route) => {
      if (kind === 'adapter' || controller !== index) return;
      const method = `m${route}`;
      const prototype = RandomController.prototype as Record<string, unknown>;
      prototype[method] = (params: Turn['params']) => {
        turns.push({ route, params });
        return { route };
      };
      const descriptor = Object.getOwnPropertyDescriptor(prototype, method)!;
      const decorators = [
        { get: Get, delete: Delete, all: All }[verb](path),
        ...(kind === 'tool'
          ? [
              McpTool({
                name: `t${route}`,
                ...(verb === 'all' && { method: 'GET' }),
              }),
            ]
          : []),
        ...(kind === 'hidden' ? [McpHide()] : []),
      ];
      for (const decorate of decorators)
        decorate(prototype, method, descriptor as never);
      Param()(prototype, method, 0);
    });
    return RandomController;
  });
  @Module({ imports: [McpModule.forRoot({ name: 'random' })], controllers })
  class RandomModule {}
  return RandomModule;
}

const boot = (adapter: AdapterName, routes: readonly Entry[], turns: Turn[]) =>
  bootApp(moduleOf(routes, turns), adapter, {
    configure: (app) => {
      const http = app.getHttpAdapter();
      routes.forEach(({ verb, path, kind }, route) => {
        if (kind !== 'adapter') return;
        const handler = (
          request: { params: Turn['params'] },
          response: { send(text: string): void },
        ) => {
          turns.push({ route, params: request.params });
          response.send('adapter');
        };
        const url = `/p/${path}`;
        if (verb === 'get') http.get(url, handler as never);
        else if (verb === 'delete') http.delete(url, handler as never);
        else http.all(url, handler as never);
      });
    },
  });

const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.join('/') : String(value);

describe.each(ADAPTERS)('random routes on %s', (adapter) => {
  it('run the own handler with the values that were sent, or nothing', async () => {
    let succeeded = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        entries(adapter),
        fc.array(fc.array(VALUES, { minLength: 3, maxLength: 3 }), {
          minLength: 6,
          maxLength: 6,
        }),
        async (routes, calls) => {
          const turns: Turn[] = [];
          let booted: BootedApp;
          try {
            booted = await boot(adapter, routes, turns);
          } catch {
            return; // Routes that the router does not take together.
          }
          try {
            const endpoint = `${booted.url}/mcp`;
            for (const { name, inputSchema } of await listTools(endpoint)) {
              const names = Object.keys(inputSchema.properties ?? {});
              for (const values of calls) {
                turns.splice(0);
                const args = Object.fromEntries(
                  names.map((each, index) => [each, values[index]!]),
                );
                const result = await callTool(endpoint, name, args);
                if (result.isError) refused++;
                else succeeded++;
                const own = Number(name.slice(1));
                for (const { route, params } of turns) {
                  expect({ name, args, route }).toEqual({
                    name,
                    args,
                    route: own,
                  });
                  expect(Object.values(params).map(textOf)).toEqual(
                    Object.values(args),
                  );
                }
                expect(turns).toHaveLength(result.isError ? 0 : 1);
              }
            }
          } finally {
            await booted.close();
          }
        },
      ),
      { numRuns: 20 },
    );
    // Both come about.
    expect(succeeded).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(20);
  }, 120_000);
});
