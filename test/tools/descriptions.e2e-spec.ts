import { Controller, Get, Ip, Module, Param } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { McpModule } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';

@Controller('portfolio')
class PortfolioController {
  @Get('holdings/:holdingId')
  getHoldings(@Param('holdingId') id: string): string {
    return id;
  }

  @Get()
  @ApiOperation({ summary: 'The whole portfolio' })
  all(): string[] {
    return [];
  }

  @Get('address')
  address(@Ip() ip: string): string {
    return ip;
  }
}

@Module({
  imports: [McpModule.forRoot({ auth: false, expose: 'all' })],
  controllers: [PortfolioController],
})
class App {}

describe.each(ADAPTERS)('what nobody has described on %s', (adapter) => {
  let booted: BootedApp;
  beforeAll(async () => {
    booted = await bootApp(App, adapter);
  });
  afterAll(() => booted?.close());

  it("has words from the method's name, and its path as in OpenAPI", async () => {
    const tools = await listTools(`${booted.url}/mcp`);
    const described = Object.fromEntries(
      tools.map(({ name, description }) => [name, description]),
    );
    expect(described).toMatchObject({
      portfolio_get_holdings:
        'Get holdings (GET /portfolio/holdings/{holdingId})',
      portfolio_all: 'The whole portfolio',
    });
  });

  it('is called with the address of the caller', async () => {
    const { text } = await callTool(`${booted.url}/mcp`, 'portfolio_address');
    expect(text).toBe('127.0.0.1');
  });

  it('is named in one line at start-up', () => {
    expect(
      booted.logger.of('log').filter((line) => /no description/.test(line)),
    ).toEqual([
      expect.stringMatching(
        /^2 tools have no description: portfolio_get_holdings, portfolio_address\. .*@McpTool\(\{ description \}\)/,
      ),
    ]);
  });
});

it('an address that a plugin of Fastify empties is the one of the connection', async () => {
  const booted = await bootApp(App, 'fastify', {
    configure: (app) => {
      app
        .getHttpAdapter()
        .getInstance()
        .addHook(
          'onRequest',
          (request: object, _: unknown, done: () => void) => {
            if ((request as { url: string }).url === '/mcp') {
              Object.defineProperty(request, 'ip', { value: '' });
            }
            done();
          },
        );
    },
  });
  try {
    const { text } = await callTool(`${booted.url}/mcp`, 'portfolio_address');
    expect(text).toBe('127.0.0.1');
  } finally {
    await booted.close();
  }
});
