import { Injectable } from '@nestjs/common';
import { McpRegistry } from '../../lib/index.js';
import {
  type McpClientEvent,
  McpOnElicitation,
  McpOnListChanged,
  McpOnLog,
  McpOnProgress,
  McpOnSampling,
} from '../../lib/client/index.js';
import { WorkshopModule } from '../fixtures/client/workshop.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { ERAS } from '../support/json-rpc.js';
import { bootClients } from '../support/mcp-client.js';
import { until } from '../support/until.js';

const told: unknown[][] = [];
const asked = () => told.filter(([kind]) => kind === 'elicit');

@Injectable()
class Answers {
  @McpOnElicitation()
  elicit(params: { mode?: string; url?: string }, { server }: McpClientEvent) {
    told.push(['elicit', server, params.mode, params.url]);
    return { action: 'accept' as const, content: { saw: 'the small one' } };
  }

  @McpOnElicitation('other')
  elicitOfOther() {
    return { action: 'decline' as const };
  }

  @McpOnSampling()
  sample() {
    return {
      model: 'none',
      role: 'assistant' as const,
      content: { type: 'text' as const, text: 'Thought' },
    };
  }

  @McpOnProgress('workshop')
  progress({ progress }: { progress: number }, { tool }: McpClientEvent) {
    told.push(['progress', tool, progress]);
  }

  @McpOnLog()
  log({ level, data }: { level: string; data?: unknown }) {
    told.push(['log', level, data]);
  }

  @McpOnListChanged()
  listChanged(list: string, { server }: McpClientEvent) {
    told.push(['changed', server, list]);
  }
}

describe.each(ERAS)('decorated methods, in the %s era', (era) => {
  let server: BootedApp;
  let calling: Awaited<ReturnType<typeof bootClients>>;

  beforeAll(async () => {
    server = await bootApp(
      WorkshopModule.with({ legacy: { sessions: true } }),
      'express',
      UNHELD,
    );
    const options = {
      url: `${server.url}/mcp`,
      era,
      roots: [{ uri: 'file:///work' }],
      logLevel: 'info' as const,
    };
    calling = await bootClients({ workshop: options, other: options }, {}, [
      Answers,
    ]);
  });
  beforeEach(() => {
    told.length = 0;
  });
  afterAll(async () => {
    await calling.close();
    await server.close();
  });
  const call = async (
    tool: string,
    args: object = {},
    name = 'workshop',
  ): Promise<string> =>
    (await calling.client(name).callTool(tool, args as never)).text;

  it('answer what a server asks the user, the one of a server before that of all', async () => {
    expect(await call('ask')).toBe('the small one');
    expect(asked()).toEqual([['elicit', 'workshop', 'form', undefined]]);
    expect(await call('ask', {}, 'other')).toBe('decline');
  });

  it('answer for the model, and roots come from the options', async () => {
    expect(await call('think')).toContain('Thought');
    expect(await call('folders')).toBe('file:///work');
  });

  it('are asked to open a public https URL alone', async () => {
    const url = 'https://93.184.216.34/pay';
    expect(await call('visit', { url })).toBe('accept');
    expect(asked()).toEqual([['elicit', 'workshop', 'url', url]]);
    for (const refused of [
      'https://127.0.0.1/pay',
      'https://169.254.169.254/latest',
      'https://10.0.0.1/',
    ]) {
      expect(await call('visit', { url: refused })).toBe('decline');
    }
    expect(asked()).toHaveLength(1);
  });

  it('are told of progress and of log messages', async () => {
    await call('wait', { steps: 2 });
    await until(() => told.length >= 4);
    expect(told).toEqual(
      expect.arrayContaining([
        ['progress', 'wait', 1],
        ['progress', 'wait', 2],
        ['log', 'info', 'step 1'],
        ['log', 'info', 'step 2'],
      ]),
    );
  });

  it('are told when a list changes, and the list is fetched anew', async () => {
    const client = calling.client('workshop');
    expect((await client.tools()).map(({ name }) => name)).not.toContain(
      `extra_${era}`,
    );
    await server.app.get(McpRegistry).register({
      name: `extra_${era}`,
      description: 'One more',
      handler: () => 'more',
    });
    await until(() =>
      told.some((entry) => JSON.stringify(entry).includes('changed')),
    );
    expect(told).toContainEqual(['changed', 'workshop', 'tools']);
    expect((await client.tools()).map(({ name }) => name)).toContain(
      `extra_${era}`,
    );
  });
});

describe('decorated methods', () => {
  it('of a server that there is not stop the start-up', async () => {
    await expect(
      bootClients({ workshop: { url: 'https://a.example' } }, {}, [Answers]),
    ).rejects.toThrow('the MCP server "other", which McpClientModule');
  });

  it('of which two would answer stop the start-up', async () => {
    @Injectable()
    class Second {
      @McpOnSampling()
      sample() {
        return {
          model: 'a',
          role: 'assistant' as const,
          content: { type: 'text' as const, text: '' },
        };
      }
    }
    await expect(
      bootClients(
        {
          workshop: { url: 'https://a.example' },
          other: { url: 'https://a.example' },
        },
        {},
        [Answers, Second],
      ),
    ).rejects.toThrow('one alone can answer');
  });
});
