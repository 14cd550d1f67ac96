import {
  Controller,
  Injectable,
  type MessageEvent,
  Module,
  Sse,
} from '@nestjs/common';
import { concat, interval, map, NEVER, Observable, of, throwError } from 'rxjs';
import { McpModule, McpTool } from '../../lib/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';
import { until } from '../support/until.js';

/** Names of the streams that somebody listens to. */
const open = new Set<string>();

function endless<T>(name: string, source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    open.add(name);
    const subscription = source.subscribe(subscriber);
    return () => {
      open.delete(name);
      subscription.unsubscribe();
    };
  });
}

@Controller('streams')
class StreamsController {
  @Sse('ticks')
  @McpTool({ timeout: 300 })
  ticks(): Observable<MessageEvent> {
    return endless(
      'ticks',
      concat(
        of({ data: { tick: 0 } }),
        interval(20).pipe(map((tick) => ({ data: { tick: tick + 1 } }))),
      ),
    );
  }

  @Sse('silent')
  @McpTool({ timeout: 200 })
  silent(): Observable<MessageEvent> {
    return endless('silent', NEVER);
  }

  @Sse('broken')
  @McpTool({ timeout: 200 })
  broken(): Observable<MessageEvent> {
    return concat(
      of({ data: 'a' }),
      throwError(() => new Error('secret')),
    );
  }
}

@Injectable()
class StreamTools {
  @McpTool({ name: 'values', timeout: 300 })
  values(): Observable<unknown> {
    return endless('values', concat(of({ at: new Date(0) }), NEVER));
  }

  @McpTool({ name: 'nothing', timeout: 200 })
  nothing(): Observable<unknown> {
    return endless('nothing', NEVER);
  }

  @McpTool({ name: 'strange', timeout: 200 })
  strange(): Observable<unknown> {
    return concat(of(1n), NEVER);
  }
}

@Module({
  imports: [McpModule.forRoot({ auth: false })],
  controllers: [StreamsController],
  providers: [StreamTools],
})
class App {}

describe.each(MAIN_TWO)('streams that do not end on %s', (adapter) => {
  let booted: BootedApp;
  beforeAll(async () => {
    booted = await bootApp(App, adapter);
  });
  afterAll(() => booted?.close());

  describe.each(ERAS)('in the %s era', (era) => {
    const call = (name: string) =>
      callTool(`${booted.url}/mcp`, name, {}, { era });

    it('are answered with their events when the time is up, and let go', async () => {
      const result = await call('streams_ticks');
      expect(result.isError).toBe(false);
      const events = JSON.parse(result.content[0]?.text ?? '') as unknown[];
      expect(events.slice(0, 2)).toEqual([{ tick: 0 }, { tick: 1 }]);
      expect(result.content[1]?.text).toBe(
        `The stream had not ended when the time of the call was up: these are its first ${events.length} events.`,
      );
      await until(() => !open.has('ticks'));
    });

    it('are an empty list where nothing came', async () => {
      const result = await call('streams_silent');
      expect(result.isError).toBe(false);
      expect(result.content[0]?.text).toBe('[]');
      await until(() => !open.has('silent'));
    });

    it('are an error where they broke', async () => {
      const { isError, text } = await call('streams_broken');
      expect(isError).toBe(true);
      expect(text).not.toContain('secret');
    });

    it('of providers are answered as a list, and let go', async () => {
      const result = await call('values');
      expect(result.isError).toBe(false);
      expect(JSON.parse(result.content[0]?.text ?? '')).toEqual([
        { at: '1970-01-01T00:00:00.000Z' },
      ]);
      expect(result.content[1]?.text).toMatch(/not ended .* first 1 events/);
      await until(() => !open.has('values'));
    });

    it('of providers are a timeout where they gave nothing', async () => {
      const { isError, text } = await call('nothing');
      expect([isError, text]).toEqual([
        true,
        'The call timed out after 200 ms.',
      ]);
      await until(() => !open.has('nothing'));
    });

    it('of providers fail where what they gave has no JSON', async () => {
      const { isError, text } = await call('strange');
      expect([isError, text]).toEqual([
        true,
        "The tool failed. The details are in the server's log.",
      ]);
    });
  });
});
