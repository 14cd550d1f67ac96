import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Type } from '@nestjs/common';
import { welcome } from '../sample/01-quickstart/src/welcome.js';
import { welcome as welcomeGuards } from '../sample/02-existing-guards/src/welcome.js';
import { welcome as welcomeOAuth } from '../sample/03-oauth/src/welcome.js';
import { welcome as welcomeProxy } from '../sample/04-oauth-proxy/src/welcome.js';
import { welcome as welcomeOwn } from '../sample/05-authorization-server/src/welcome.js';
import { welcome as welcomeEverything } from '../sample/06-everything/src/welcome.js';
import { bootApp, UNHELD } from './support/boot-app.js';
import { connectAnswering } from './support/answering-client.js';
import { ERAS, rpc } from './support/json-rpc.js';
import {
  type CodeBlock,
  codeBlocks,
  interfaceMembers,
  tableBelow,
} from './support/readme.js';
import { run, typeCheck } from './support/snippets.js';

const ROOT = process.cwd();
const read = (file: string): string =>
  readFileSync(resolve(ROOT, file), 'utf8');
/** The anchors that GitHub gives the headings of a text. */
const headingsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
const README = read('README.md');
const SNIPPETS = codeBlocks(README, 'ts');
/** What a snippet says it has: `ts runnable: cats_list, cats_add`. */
const namesIn = ({ info }: CodeBlock): string[] =>
  info.replace(/^[^:]*: /, '').split(', ');

/** What each tool of a runnable snippet answers, and whether that is an error. */
const CALLS: Record<string, [Record<string, unknown>, unknown, boolean?]> = {
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
  pages_list: [{}, ['Hello', 'Rain']],
  pages_add: [{ text: 'Rain' }, { pages: 2 }],
  pages_remove: [{ author: 'ada' }, { burnt: true }],
  pages_rules: [{}, { maxPages: 100 }],
  parcels_recall: [{ id: '2' }, 'Parcel 2 has left. Ask the carrier.', true],
  archive_pack: [{}, '3 boxes'],
  tables_book: [{}, 'A table for 2, Ada'],
  tables_cancel_all: [{}, 'All tables are free'],
  rate: [{ currency: 'EUR' }, { currency: 'EUR', rate: 1.08 }],
  rates_explain: [
    { currency: 'EUR' },
    'As of today: {"currency":"EUR","rate":1.08}',
  ],
};

/** What the person says to whatever a snippet asks. */
const PERSON = { action: 'accept', content: { name: 'Ada', guests: 2 } };

/** What is sent for each thing that a snippet serves beside tools, and what comes. */
const SERVED: Record<string, [Record<string, unknown>, unknown]> = {
  'resources/read shop://terms': [
    { uri: 'shop://terms' },
    {
      contents: [
        {
          uri: 'shop://terms',
          mimeType: 'text/markdown',
          text: '# Terms\n\nBe kind.',
        },
      ],
    },
  ],
  'resources/read shop://products/7': [
    { uri: 'shop://products/7' },
    {
      contents: [
        {
          uri: 'shop://products/7',
          mimeType: 'application/json',
          text: '{"id":"7","price":20}',
        },
      ],
    },
  ],
  'resources/read shop://reviews/7': [
    { uri: 'shop://reviews/7' },
    {
      contents: [
        {
          uri: 'shop://reviews/7',
          mimeType: 'application/json',
          text: '{"product":"7","page":"1","reviews":[]}',
        },
      ],
    },
  ],
  'prompts/get texts_review': [
    { name: 'texts_review', arguments: { product: 'chair', tone: 'frank' } },
    {
      messages: [
        {
          role: 'user',
          content: { type: 'text', text: 'Write a frank review of chair.' },
        },
      ],
    },
  ],
  'completion/complete tone': [
    {
      ref: { type: 'ref/prompt', name: 'texts_review' },
      argument: { name: 'tone', value: 'fr' },
    },
    { completion: { values: ['friendly', 'frank'] } },
  ],
  'resources/read stock://chairs': [
    { uri: 'stock://chairs' },
    {
      contents: [
        { uri: 'stock://chairs', mimeType: 'application/json', text: '4' },
      ],
    },
  ],
};

const ENDPOINT = 'http://127.0.0.1:3000/mcp';

/** What each sample prints, and how many settings its README gives. */
const PRINTED: [string, string, number][] = [
  ['README.md', welcome(ENDPOINT, [], 'demo-key'), 3],
  [
    'sample/02-existing-guards/README.md',
    welcomeGuards(ENDPOINT, { support: '<token>', manager: '' }),
    2,
  ],
  [
    'sample/03-oauth/README.md',
    welcomeOAuth(ENDPOINT, 'http://127.0.0.1:3001'),
    4,
  ],
  [
    'sample/04-oauth-proxy/README.md',
    welcomeProxy(ENDPOINT, 'http://127.0.0.1:3001'),
    4,
  ],
  ['sample/05-authorization-server/README.md', welcomeOwn(ENDPOINT, []), 4],
  ['sample/06-everything/README.md', welcomeEverything(ENDPOINT), 3],
];

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
    SNIPPETS.filter(({ info }) => info.includes('runnable')).flatMap((block) =>
      ERAS.map((era) => [block.line, era, block] as const),
    ),
  )(
    'has a snippet at line %d whose tools work (%s)',
    async (_line, era, block) => {
      const { AppModule } = await run(block);
      const booted = await bootApp(AppModule as Type, 'express', UNHELD);
      const { client } = await connectAnswering(
        `${booted.url}/mcp`,
        era,
        { forms: [PERSON] },
        { authorization: 'Bearer secret' },
      );
      try {
        const names = (await client.listTools()).tools.map(({ name }) => name);
        expect(names).toEqual(namesIn(block));
        for (const name of names) {
          const [args, expected, fails = false] = CALLS[name] ?? [];
          const { isError, content } = await client.callTool({
            name,
            arguments: args ?? {},
          });
          const [first] = content;
          const text = first?.type === 'text' ? first.text : '';
          expect([name, isError ?? false]).toEqual([name, fails]);
          expect(/^[[{]/.test(text) ? JSON.parse(text) : text).toEqual(
            expected,
          );
        }
      } finally {
        await client.close();
        await booted.close();
      }
    },
    // The first case loads everything that snippets import.
    60_000,
  );

  it.each(
    SNIPPETS.filter(({ info }) => info.includes('serves')).flatMap((block) =>
      ERAS.map((era) => [block.line, era, block] as const),
    ),
  )(
    'has a snippet at line %d that serves what it says (%s)',
    async (_line, era, block) => {
      const { AppModule } = await run(block);
      const booted = await bootApp(AppModule as Type, 'express', UNHELD);
      try {
        for (const what of namesIn(block)) {
          const [method = ''] = what.split(' ');
          const [params, expected] = SERVED[what] ?? [{}, undefined];
          const { response } = await rpc(
            `${booted.url}/mcp`,
            era,
            method,
            params,
          );
          expect(response?.result).toMatchObject(expected as object);
        }
      } finally {
        await booted.close();
      }
    },
  );

  it('shows what a protected server answers to strangers', async () => {
    const [block] = SNIPPETS.filter(({ info }) => info === 'ts protected');
    const [refusal, found] = codeBlocks(README, 'http').map(({ code }) => code);
    const { AppModule } = await run(block as CodeBlock);
    const booted = await bootApp(AppModule as Type, 'express');
    try {
      const { status, headers } = await rpc(
        `${booted.url}/mcp`,
        'modern',
        'tools/list',
      );
      expect(refusal).toBe(
        `HTTP/1.1 ${status} Unauthorized\n` +
          `WWW-Authenticate: ${headers.get('www-authenticate')}\n`,
      );
      const [request = '', document = ''] = found?.split('\n\n') ?? [];
      const response = await fetch(booted.url + request.replace('GET ', ''));
      expect(await response.json()).toEqual(JSON.parse(document));
    } finally {
      await booted.close();
    }
  });

  it.each(
    SNIPPETS.flatMap((block) => {
      const [, path] = /^ts guarded: (.+)$/.exec(block.info) ?? [];
      return path ? [[block.line, path, block] as const] : [];
    }),
  )(
    'has a snippet at line %d that keeps strangers from %s',
    async (_line, path, block) => {
      const { AppModule } = await run(block);
      const booted = await bootApp(AppModule as Type, 'express');
      try {
        expect((await fetch(booted.url + path)).status).toBe(401);
        expect((await fetch(`${booted.url}/health`)).status).toBe(404);
      } finally {
        await booted.close();
      }
    },
  );

  it.each([
    ...[
      'McpModuleOptions',
      'LimitOptions',
      'LegacyOptions',
      'OriginOptions',
    ].map((name) => [name, 'lib/server/mcp-options.interface.ts']),
    ['McpModuleExtras', 'lib/transport/http/mcp.controller.ts'],
    ['McpAuthOptions', 'lib/auth/auth-options.interface.ts'],
    ['McpAuthModuleOptions', 'lib/auth/auth-options.interface.ts'],
    ...(
      [
        ['AuthorizationServerOptions', 'authorization-server'],
        ['RegistrationOptions', 'endpoint'],
        ['RevocationOptions', 'endpoint'],
        ['UpstreamOptions', 'upstream'],
        ['LifetimeOptions', 'authorization-server'],
      ] as const
    ).map(([name, file]) => [
      name,
      `lib/auth/issuer/${file}-options.interface.ts`,
    ]),
    ['JwtIssuerOptions', 'lib/auth/verifiers/jwt/jwt-options.interface.ts'],
    ['AuthConfig', 'lib/fastapi-mcp/auth-config.interface.ts'],
    ['SessionOptions', 'lib/server/session-options.interface.ts'],
    ['McpToolOptions', 'lib/tools/tool.decorator.ts'],
    ['McpResourceOptions', 'lib/resources/resource.decorator.ts'],
    ['McpPromptOptions', 'lib/prompts/prompt.decorator.ts'],
    ['McpCompletionOptions', 'lib/completions/completion.decorator.ts'],
    ['ToolFilter', 'lib/server/tool-filter.interface.ts'],
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
});

describe.each(PRINTED)('%s', (file, printed, count) => {
  it('gives the settings that the sample prints', () => {
    const text = read(file);
    const settings = [
      ...codeBlocks(text, 'json').map(({ code }) => code),
      /^claude mcp add .*$/m.exec(text)?.[0] ?? 'no line for Claude',
    ];
    expect(settings).toHaveLength(count);
    const squeeze = (block: string): string => block.replace(/\s/g, '');
    for (const setting of settings) {
      expect(squeeze(printed)).toContain(squeeze(setting));
    }
  });
});

describe.each([
  'README.md',
  'sample/01-quickstart/README.md',
  'sample/02-existing-guards/README.md',
  'sample/03-oauth/README.md',
  'sample/04-oauth-proxy/README.md',
  'sample/05-authorization-server/README.md',
  'sample/06-everything/README.md',
])('%s', (file) => {
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
    expect(named).not.toEqual([]);
    for (const target of named) {
      const [path = '', heading] = target.split('#');
      const found = path
        ? [ROOT, resolve(ROOT, dirname(file))]
            .map((folder) => resolve(folder, path))
            .find((candidate) => existsSync(candidate))
        : file;
      const exists =
        found !== undefined &&
        (heading === undefined || headingsOf(read(found)).includes(heading));
      expect([target, exists]).toEqual([target, true]);
    }
  });
});
