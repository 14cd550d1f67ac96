import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Module,
  Post,
} from '@nestjs/common';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import { McpModule, McpTool, type McpModuleOptions } from '../../lib/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';
import { INTEROP_CLIENTS } from '../support/interop-clients.js';

class Cat {
  @ApiProperty()
  id!: number;

  @ApiProperty({ type: () => [Cat] })
  kittens!: Cat[];
}

/** Answers with whatever it is told to, whatever it documents. */
@Controller('cats')
class CatsController {
  @Post('one')
  @HttpCode(200)
  @ApiOkResponse({ type: Cat })
  one(@Body('answer') answer: unknown): unknown {
    return answer;
  }

  @Post('many')
  @HttpCode(200)
  @ApiOkResponse({ type: [Cat] })
  many(@Body('answer') answer: unknown): unknown {
    return answer;
  }

  @Get('wrong')
  @ApiOkResponse({ type: Cat })
  wrong(): unknown {
    return { id: 'one' };
  }

  @Delete('all')
  @McpTool({ outputSchema: 'strict' })
  @ApiOkResponse({ type: Cat })
  all(): unknown {
    return { removed: 3 };
  }
}

const boot = (
  adapter: (typeof MAIN_TWO)[number],
  outputSchema: McpModuleOptions['outputSchema'],
): Promise<BootedApp> => {
  @Module({
    imports: [McpModule.forRoot({ expose: 'all', auth: false, outputSchema })],
    controllers: [CatsController],
  })
  class App {}
  return bootApp(App, adapter, UNHELD);
};

/** What a route may return where it documents something else. */
const ANSWERS: [string, unknown][] = [
  ['what is documented', { id: 1, kittens: [{ id: 2, kittens: [] }] }],
  ['another type of a member', { id: 'one', kittens: [] }],
  ['a missing member', { id: 1 }],
  ['another object', { data: { id: 1 } }],
  ['a list', [{ id: 1, kittens: [] }]],
  ['text', 'gone'],
  ['a number', 5],
  ['nothing', undefined],
];

describe.each(MAIN_TWO)('documented output schemas on %s', (adapter) => {
  describe('with true', () => {
    let booted: BootedApp;
    beforeAll(async () => (booted = await boot(adapter, true)));
    afterAll(() => booted?.close());

    it.each(INTEROP_CLIENTS)(
      'are seen by %s, which checks answers by them, and let it have any answer as it came',
      async (_name, connect) => {
        const client = await connect(`${booted.url}/mcp`, {});
        // Its validators are those of the list.
        const tools = await client.listTools();
        for (const name of ['cats_one', 'cats_many']) {
          const tool = tools.find((listed) => listed.name === name);
          expect(JSON.stringify(tool?.outputSchema)).toMatch(
            /"properties":{"id":{"type":"number"},"kittens":{/,
          );
          for (const [kind, answer] of ANSWERS) {
            const args = answer === undefined ? {} : { answer };
            const { isError, text } = await client.callTool(name, args);
            expect([kind, isError]).toEqual([kind, false]);
            if (typeof answer === 'object') {
              expect(JSON.parse(text)).toEqual(answer);
            }
          }
        }
        await client.close();
      },
    );

    it('are told with their definitions at the root', async () => {
      const tools = await listTools(`${booted.url}/mcp`);
      const { outputSchema } = tools.find(({ name }) => name === 'cats_one')!;
      expect(outputSchema).toMatchObject({
        type: 'object',
        anyOf: [{ properties: { id: { type: 'number' } } }, {}],
        $defs: { Cat: { type: 'object' } },
      });
    });

    it('keep an object that breaks them as structured content', async () => {
      const result = await callTool(`${booted.url}/mcp`, 'cats_wrong');
      expect(result).toMatchObject({
        isError: false,
        structuredContent: { id: 'one' },
        text: '{"id":"one"}',
      });
    });

    it('are told to the log once for each tool where they are broken', async () => {
      for (let i = 0; i < 3; i++) {
        await callTool(`${booted.url}/mcp`, 'cats_wrong');
      }
      const told = booted.logger
        .of('warn')
        .filter((line) => line.includes('"cats_wrong" answers otherwise'));
      expect(told).toHaveLength(1);
      expect(told[0]).toContain("outputSchema: 'strict'");
    });

    it("bind one tool that says 'strict', which tells what was done", async () => {
      const { isError, text } = await callTool(`${booted.url}/mcp`, 'cats_all');
      expect(isError).toBe(true);
      expect(text).toMatch(
        /breaks the output schema: .*\. The call was carried out all the same: do not repeat it\.$/,
      );
    });
  });

  it("with 'strict' are held to, and reading is told from writing", async () => {
    const booted = await boot(adapter, 'strict');
    const endpoint = `${booted.url}/mcp`;
    const read = await callTool(endpoint, 'cats_wrong');
    expect(read.isError).toBe(true);
    expect(read.text).not.toContain('carried out');
    const written = await callTool(endpoint, 'cats_one', { answer: { id: 1 } });
    expect(written.isError).toBe(true);
    expect(written.text).toContain('The call was carried out');
    expect(
      (await callTool(endpoint, 'cats_many', { answer: [] })).isError,
    ).toBe(false);
    await booted.close();
  });
});

it('another word stops the application', async () => {
  await expect(boot('express', 'loose' as never)).rejects.toThrow(
    'McpModule: outputSchema is "loose". Write true, false or "strict".',
  );
});
