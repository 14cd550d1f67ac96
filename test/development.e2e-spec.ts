import { Controller, Get, Module } from '@nestjs/common';
import { McpModule, McpTool } from '../lib/index.js';
import { ADAPTERS } from './support/adapters.js';
import { bootApp, UNHELD } from './support/boot-app.js';
import { freePort } from './support/free-port.js';
import { connectClient } from './support/sdk-client.js';

@Controller('cats')
class CatsController {
  @Get()
  @McpTool()
  list(): string[] {
    return ['Tom'];
  }
}

it.each(ADAPTERS)(
  'without sessions, a client of the 2025 era is served on after a restart on %s',
  async (adapter) => {
    const port = await freePort();
    const boot = (sessions: boolean) => {
      @Module({
        imports: [McpModule.forRoot({ auth: false, sessions })],
        controllers: [CatsController],
      })
      class App {}
      return bootApp(App, adapter, { ...UNHELD, port });
    };
    // The first one had sessions, so that the client sends the id of one.
    const first = await boot(true);
    const client = await connectClient(`${first.url}/mcp`, 'legacy');
    await first.close();
    const second = await boot(false);
    const { content } = await client.callTool({ name: 'cats_list' });
    expect(content).toEqual([{ type: 'text', text: '["Tom"]' }]);
    await client.close();
    await second.close();
  },
);
