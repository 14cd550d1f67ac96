import { Controller, Get, Injectable, Module } from '@nestjs/common';
import {
  McpModule,
  McpPrompt,
  McpPublic,
  McpResource,
  McpTool,
} from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { challengeOf } from '../support/auth-calls.js';
import { createIssuer, RESOURCE } from '../support/auth-issuer.js';
import { bootApp } from '../support/boot-app.js';
import { ERAS, rpc, type Era } from '../support/json-rpc.js';

type Booted = Awaited<ReturnType<typeof bootProtected>>;

@Controller('desk')
@McpTool()
class DeskController {
  @Get('hours')
  @McpPublic()
  hours(): object {
    return { hours: '9 to 5' };
  }

  @Get('visitors')
  visitors(): object {
    return { visitors: [] };
  }
}

@Injectable()
class DeskProvider {
  @McpResource({ uri: 'desk://rules', name: 'rules' })
  @McpPublic()
  rules(): string {
    return 'Be kind.';
  }

  @McpResource({ uri: 'desk://keys', name: 'keys' })
  keys(): string {
    return 'Under the mat.';
  }

  @McpResource({ uri: 'desk://drawers/{id}', name: 'drawers' })
  drawer(): string {
    return 'Empty.';
  }

  @McpPrompt({ name: 'greet' })
  @McpPublic()
  greet(): string {
    return 'Greet them.';
  }

  @McpPrompt({ name: 'complain' })
  complain(): string {
    return 'Write a complaint.';
  }
}

@Module({ controllers: [DeskController], providers: [DeskProvider] })
class DeskModule {}

@Controller('board')
@McpTool()
@McpPublic()
class BoardController {
  @Get()
  read(): object {
    return {};
  }
}

@Module({ controllers: [BoardController] })
class BoardModule {}

/** Every list, by the names of its entries. */
async function everything(
  endpoint: string,
  era: Era,
  headers: Record<string, string> = {},
): Promise<Record<string, string[]>> {
  const lists: Record<string, string[]> = {};
  for (const [method, list] of [
    ['tools/list', 'tools'],
    ['resources/list', 'resources'],
    ['resources/templates/list', 'resourceTemplates'],
    ['prompts/list', 'prompts'],
  ] as const) {
    const { response } = await rpc(endpoint, era, method, {}, { headers });
    const entries = response?.result?.[list] as { name: string }[];
    lists[list] = entries.map(({ name }) => name);
  }
  return lists;
}

const ALL = {
  tools: ['desk_hours', 'desk_visitors'],
  resources: ['keys', 'rules'],
  resourceTemplates: ['drawers'],
  prompts: ['complain', 'greet'],
};

const PUBLIC = {
  tools: ['desk_hours'],
  resources: ['rules'],
  resourceTemplates: [],
  prompts: ['greet'],
};

const PROTECTED = [
  ['tools/call', { name: 'desk_visitors', arguments: {} }],
  ['resources/read', { uri: 'desk://keys' }],
  ['resources/read', { uri: 'desk://drawers/1' }],
  ['prompts/get', { name: 'complain' }],
] as const;

const doorLines = ({ logger }: Booted): string[] =>
  logger.lines
    .map(({ text }) => text)
    .filter((text) => text.includes('hideUnauthorized'));

describe.each(ADAPTERS)('a server with public entries on %s', (adapter) => {
  let booted: Booted | undefined;
  afterEach(() => booted?.close());

  it('shows all of them to callers without a token where hideUnauthorized is false, and sends these to log in where they call one (MCP Authorization, "Access Token Usage")', async () => {
    const issuer = await createIssuer();
    booted = await bootProtected(
      adapter,
      {
        verifier: issuer.verifier,
        requiredScopes: ['desk:use'],
        hideUnauthorized: false,
      },
      { imports: [DeskModule] },
    );
    const foreign = await issuer.bearer({ scope: 'other' });
    for (const era of ERAS) {
      expect(await everything(booted.endpoint, era)).toEqual(ALL);
      expect(await everything(booted.endpoint, era, foreign)).toEqual(ALL);
      for (const [method, params] of PROTECTED) {
        const refused = await rpc(booted.endpoint, era, method, params);
        expect([method, refused.status]).toEqual([method, 401]);
        expect(challengeOf(refused).parameters).toMatchObject({
          scope: 'desk:use',
          resource_metadata: expect.any(String) as string,
        });
      }
      const open = await rpc(booted.endpoint, era, 'tools/call', {
        name: 'desk_hours',
        arguments: {},
      });
      expect(open.response?.result?.['structuredContent']).toEqual({
        hours: '9 to 5',
      });
    }
    expect(doorLines(booted)).toEqual([]);
  });

  it('hides the others from callers without a token by default, and says once at start-up that clients get in without logging in', async () => {
    const issuer = await createIssuer();
    booted = await bootProtected(
      adapter,
      { verifier: issuer.verifier },
      { imports: [DeskModule] },
    );
    for (const era of ERAS) {
      expect(await everything(booted.endpoint, era)).toEqual(PUBLIC);
    }
    expect(doorLines(booted)).toEqual([
      expect.stringMatching(
        /^The MCP server "protected" lets clients in without logging in, as @McpPublic\(\) opens desk_hours, desk:\/\/rules, greet\..*the 4 others.*auth\.hideUnauthorized: false/,
      ),
    ]);
  });

  it.each([
    ['hiding is asked for', { hideUnauthorized: true }, DeskModule],
    ['everything is public', {}, BoardModule],
  ] as const)('says nothing of it where %s', async (_, auth, module) => {
    const { verifier } = await createIssuer();
    booted = await bootProtected(
      adapter,
      { verifier, ...auth },
      { imports: [module] },
    );
    expect(doorLines(booted)).toEqual([]);
  });

  it('says nothing of it where nothing is public, or nobody looks at tokens', async () => {
    @Module({
      imports: [McpModule.forRoot({ auth: false })],
      controllers: [DeskController],
    })
    class OpenApp {}
    const open = await bootApp(OpenApp, adapter);
    try {
      expect(
        open.logger.lines.map(({ text }) => text).join('\n'),
      ).not.toContain('hideUnauthorized');
    } finally {
      await open.close();
    }
    const { verifier } = await createIssuer();
    booted = await bootProtected(adapter, { verifier, resource: RESOURCE });
    expect(doorLines(booted)).toEqual([]);
  });
});
