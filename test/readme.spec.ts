import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Type } from '@nestjs/common';
import { welcome } from '../sample/01-quickstart/src/welcome.js';
import { bootApp } from './support/boot-app.js';
import { codeBlocks, interfaceMembers, tableBelow } from './support/readme.js';
import { connectClient } from './support/sdk-client.js';
import { run, typeCheck } from './support/snippets.js';

const ROOT = process.cwd();
const read = (file: string): string =>
  readFileSync(resolve(ROOT, file), 'utf8');
const README = read('README.md');
const SNIPPETS = codeBlocks(README, 'ts');

/** What each tool of a runnable snippet answers. */
const CALLS: Record<string, [Record<string, unknown>, unknown]> = {
  countries_find_one: [{ code: 'FR' }, { code: 'FR', name: 'France' }],
  orders_list: [{}, [{ id: '1', total: 20 }]],
  orders_find_one: [{ id: '1' }, { id: '1', total: 20 }],
  cities_search: [
    { text: 'im', limit: 1 },
    [{ name: 'Lima', people: 10_000_000 }],
  ],
  cities_add: [
    { name: 'Cusco', people: 430_000 },
    { name: 'Cusco', people: 430_000 },
  ],
  clock_now: [
    { timeZone: 'Europe/Paris' },
    expect.stringMatching(/^\d+:\d\d:\d\d/),
  ],
  hello_greet: [{}, 'Hello'],
};

describe('README', () => {
  let problems: string[];

  beforeAll(() => {
    problems = typeCheck(ROOT, SNIPPETS);
  }, 60_000);

  it.each(SNIPPETS.map(({ line }, index) => [line, index]))(
    'has a snippet at line %d that compiles',
    (_line, index) => {
      expect(problems[index]).toBe('');
    },
  );

  it.each(
    SNIPPETS.filter(({ info }) => info.includes('runnable')).map(
      (block) => [block.line, block] as const,
    ),
  )('has a snippet at line %d whose tools work', async (_line, block) => {
    const { AppModule } = await run(block);
    const booted = await bootApp(AppModule as Type, 'express');
    const client = await connectClient(`${booted.url}/mcp`, 'modern', {
      authorization: 'Bearer secret',
    });
    try {
      const names = (await client.listTools()).tools.map(({ name }) => name);
      expect(names).toEqual(block.info.split(/: |, /).slice(1));
      for (const name of names) {
        const [args, expected] = CALLS[name] ?? [];
        const { isError, content } = await client.callTool({
          name,
          arguments: args ?? {},
        });
        const [first] = content;
        const text = first?.type === 'text' ? first.text : '';
        expect(isError ?? false).toBe(false);
        expect(/^[[{]/.test(text) ? JSON.parse(text) : text).toEqual(expected);
      }
    } finally {
      await client.close();
      await booted.close();
    }
  });

  it.each([
    ['McpModuleOptions', 'lib/mcp-options.interface.ts'],
    ['McpModuleExtras', 'lib/mcp-options.interface.ts'],
    ['McpToolOptions', 'lib/tools/tool-options.interface.ts'],
    ['ToolFilter', 'lib/tools/tool-filter.interface.ts'],
  ])('tables exactly the members of %s', (name, file) => {
    const members = interfaceMembers(file, name);
    const rows = tableBelow(README, name);
    expect(rows.map(([option]) => option)).toEqual(
      [...members.keys()].map((member) => `\`${member}\``),
    );
    for (const [option = '', , tabled = ''] of rows) {
      const stated = members.get(option.replaceAll('`', ''));
      const literal = /^(?:`'[^`]*'`|`\[.*\]`|\d+|true|false)$/.exec(
        stated ?? '',
      );
      if (literal) {
        expect([option, tabled.replaceAll('`', '')]).toEqual([
          option,
          literal[0].replaceAll('`', ''),
        ]);
      }
    }
  });

  it('gives the settings that the sample prints', () => {
    const printed = welcome('http://127.0.0.1:3000/mcp', [], 'demo-key');
    const settings = [
      ...codeBlocks(README, 'json').map(({ code }) => code),
      /^claude mcp add .*$/m.exec(README)?.[0] ?? 'no line for Claude',
    ];
    expect(settings).toHaveLength(3);
    const squeeze = (text: string): string => text.replace(/\s/g, '');
    for (const text of settings) {
      expect(squeeze(printed)).toContain(squeeze(text));
    }
  });
});

describe.each(['README.md', 'sample/01-quickstart/README.md'])('%s', (file) => {
  const text = read(file);

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as {
      scripts: Record<string, string>;
    };
    const named = [
      ...text.matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g),
    ].map(([, script, short]) => script ?? short ?? '');
    expect(named).not.toEqual([]);
    for (const script of named) expect(scripts).toHaveProperty([script]);
  });

  it('names only files and headings that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)];
    const spans = [...text.matchAll(/`((?:lib|sample|src|test)\/[^`*\s]*)`/g)];
    const named = [...links, ...spans].map(([, target = '']) => target);
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(named).not.toEqual([]);
    for (const target of named) {
      const exists = target.startsWith('#')
        ? headings.includes(target.slice(1))
        : [ROOT, resolve(ROOT, dirname(file))].some((folder) =>
            existsSync(resolve(folder, target)),
          );
      expect([target, exists]).toEqual([target, true]);
    }
  });
});
