import { jest } from '@jest/globals';
import { Controller, Delete, Get, Module } from '@nestjs/common';
import type { Provider } from '@nestjs/common';
import {
  McpAuthorize,
  McpModule,
  McpTool,
  StaticTokenVerifier,
  ToolVisibility,
} from '../lib/index.js';
import { ADAPTERS, type AdapterName } from './support/adapters.js';
import { tryTool } from './support/auth-calls.js';
import { bootApp } from './support/boot-app.js';
import { ERAS } from './support/json-rpc.js';
import { RecordingLogger } from './support/recording-logger.js';

// An application is started for each value.
jest.setTimeout(60_000);

const ran: string[] = [];

@Controller('papers')
class PapersController {
  @Get('almost')
  @McpTool()
  @McpAuthorize(() => 'no, not you' as unknown as boolean)
  almost(): string {
    ran.push('almost');
    return 'read';
  }

  @Get('nested')
  @McpTool()
  @McpAuthorize(() => (() => true) as unknown as boolean)
  nested(): string {
    ran.push('nested');
    return 'read';
  }

  @Get('failing')
  @McpTool()
  @McpAuthorize(() => {
    throw new Error('the directory is down');
  })
  failing(): string {
    ran.push('failing');
    return 'read';
  }

  @Delete()
  removeAll(): string {
    return 'gone';
  }
}

class NoPapers extends ToolVisibility {
  isVisible(): boolean {
    return false;
  }
}

const appWith = (options: object, providers: Provider[] = []) => {
  @Module({
    imports: [McpModule.forRoot(options)],
    controllers: [PapersController],
    providers,
  })
  class PapersModule {}
  return PapersModule;
};

const AUTH = {
  resource: 'https://api.example.com/mcp',
  verifier: new StaticTokenVerifier({ good: { sub: 'ada' } }),
};

/** Why an application does not start. */
const refusal = async (
  adapter: AdapterName,
  options: object,
  providers?: Provider[],
): Promise<string> => {
  try {
    const { close } = await bootApp(appWith(options, providers), adapter);
    await close();
  } catch (error) {
    return (error as Error).message;
  }
  return 'it starts';
};

describe.each(ADAPTERS)('values that would open a door, on %s', (adapter) => {
  it.each([
    [{ exclude: { methods: ['DELET'] } }, 'exclude.methods has "DELET"'],
    [{ exclude: { methods: 'DELETE' } }, 'methods is a string'],
    [{ exclude: { tools: [/papers/] } }, 'tools is a list. Give a list of'],
    [{ exclude: { controllers: [undefined] } }, 'controllers is a list. Give'],
    [{ include: { tags: new Set(['a']) } }, 'tags is an object'],
    [{ forwardHeaders: 'cookie' }, 'forwardHeaders is a string'],
    [{ dnsRebindingProtection: 0 }, 'is a number. Give true or false.'],
    [{ auth: { ...AUTH, requiredScopes: 'papers:read' } }, 'is a string'],
    [{ auth: { ...AUTH, requireHttps: 'yes' } }, 'Give true or false.'],
  ])('%j stops the application', async (options, message) => {
    expect(await refusal(adapter, { expose: 'all', ...options })).toContain(
      message,
    );
  });

  it.each<Provider>([
    { provide: 'visibility', useFactory: () => new NoPapers() },
    { provide: 'visibility', useValue: new NoPapers() },
  ])(
    'a contract under a name that nobody asks for stops the application',
    async (provider) => {
      expect(await refusal(adapter, {}, [provider])).toContain(
        'provide: ToolVisibility',
      );
    },
  );

  it('@McpAuthorize() lets a call through for true, and for nothing else', async () => {
    const logger = new RecordingLogger();
    const { url, close } = await bootApp(appWith({ auth: AUTH }), adapter, {
      nest: { logger },
    });
    try {
      for (const era of ERAS) {
        for (const name of ['almost', 'nested', 'failing']) {
          const answer = await tryTool(
            `${url}/mcp`,
            era,
            `papers_${name}`,
            {},
            { headers: { authorization: 'Bearer good' } },
          );
          expect([name, answer.status]).toEqual([name, 403]);
          expect(answer.text).not.toContain('directory');
        }
      }
      expect(ran).toEqual([]);
      expect(logger.of('warn')).toContainEqual(
        expect.stringContaining('threw, and the call was refused'),
      );
    } finally {
      await close();
    }
  });
});
