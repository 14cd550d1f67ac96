import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  Module,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { map } from 'rxjs';
import {
  McpModule,
  mcpCallOf,
  McpPrompt,
  McpResource,
  McpTool,
} from '../../lib/index.js';
import { MAIN_TWO, type AdapterName } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import { ERAS, rpc } from '../support/json-rpc.js';

@Injectable()
class Envelope implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

/** As the log says. */
@Injectable()
class EnvelopeForHttp extends Envelope {
  override intercept(context: ExecutionContext, next: CallHandler) {
    return mcpCallOf(context) ? next.handle() : super.intercept(context, next);
  }
}

@Injectable()
class Cats {
  @McpTool({
    name: 'cat',
    outputSchema: {
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
    },
  })
  cat(): { name: string } {
    return { name: 'Tom' };
  }

  @McpTool({ name: 'finished' })
  finished() {
    return { content: [{ type: 'text', text: 'Tom' }] };
  }

  @McpTool({ name: 'plain' })
  plain() {
    return { text: 'Tom' };
  }

  @McpResource({ uri: 'cats://tom' })
  read() {
    return { contents: [{ text: 'Tom' }] };
  }

  @McpPrompt({ name: 'praise' })
  praise(): string {
    return 'Praise Tom';
  }
}

const boot = (
  adapter: AdapterName,
  useClass: typeof Envelope,
): Promise<BootedApp> => {
  @Module({
    imports: [McpModule.forRoot({ auth: false })],
    providers: [Cats, { provide: APP_INTERCEPTOR, useClass }],
  })
  class App {}
  return bootApp(App, adapter);
};

describe.each(MAIN_TWO)('a global envelope on %s', (adapter) => {
  it('is told to the log, with the line that keeps it off MCP', async () => {
    const booted = await boot(adapter, Envelope);
    const endpoint = `${booted.url}/mcp`;
    expect((await callTool(endpoint, 'cat')).isError).toBe(true);
    const prompt = await rpc(endpoint, 'modern', 'prompts/get', {
      name: 'praise',
    });
    expect(prompt.response?.error).toBeDefined();
    const hint =
      'Its "data" has the form, so an interceptor of the application seems to ' +
      'wrap what handlers return. Have it leave calls of MCP alone: if ' +
      '(mcpCallOf(context)) return next.handle();';
    const errors = booted.logger.of('error');
    expect(errors).toHaveLength(2);
    for (const line of errors) expect(line).toContain(hint);
    // What has no schema is data, and may be meant.
    await callTool(endpoint, 'plain');
    expect(booted.logger.of('warn')).toEqual([]);
    expect((await callTool(endpoint, 'finished')).text).toContain('"data"');
    await rpc(endpoint, 'modern', 'resources/read', { uri: 'cats://tom' });
    expect(booted.logger.of('warn')).toEqual([
      expect.stringMatching(/^Tool "finished" sent its result as data\./),
      expect.stringMatching(
        /^Resource "cats:\/\/tom" sent its contents as data\./,
      ),
    ]);
    for (const line of booted.logger.of('warn')) expect(line).toContain(hint);
    await booted.close();
  });

  it.each(ERAS)('that heeds that line breaks nothing (%s)', async (era) => {
    const booted = await boot(adapter, EnvelopeForHttp);
    const endpoint = `${booted.url}/mcp`;
    const { structuredContent } = await callTool(endpoint, 'cat', {}, { era });
    expect(structuredContent).toEqual({ name: 'Tom' });
    expect((await callTool(endpoint, 'finished', {}, { era })).text).toBe(
      'Tom',
    );
    const prompt = await rpc(endpoint, era, 'prompts/get', { name: 'praise' });
    expect(prompt.response?.result?.['messages']).toMatchObject([
      { content: { text: 'Praise Tom' } },
    ]);
    await booted.close();
  });
});
