import { Injectable, Module } from '@nestjs/common';
import { IsString } from 'class-validator';
import { z } from 'zod';
import { McpContext, McpModule, McpPrompt, McpTool } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';

interface Query {
  readonly q: string;
}

class Plain {
  q!: string;
}

class Dto {
  @IsString() q!: string;
}

/** Wraps a method, as decorators that log or measure do. */
const wrapped: MethodDecorator = (_target, _name, descriptor) => {
  const method = descriptor.value as (...args: unknown[]) => unknown;
  descriptor.value = function (this: unknown, ...args: unknown[]) {
    return method.apply(this, args);
  } as never;
};

@Injectable()
class P {
  @McpTool({ description: 'd' })
  inline(a: { q: string }): string {
    return a.q;
  }

  @McpTool({ description: 'd' })
  taken({ q }: Query, context: McpContext): string {
    return q + context.name;
  }

  @McpTool({ description: 'd' })
  bare(a: Plain): string {
    return a.q;
  }

  @McpPrompt({ description: 'd' })
  review(a: Query): string {
    return a.q;
  }

  @McpTool({ description: 'd' })
  none(): string {
    return '';
  }

  @McpTool({ description: 'd' })
  idle(_args: unknown, context: McpContext): string {
    return context.name;
  }

  @McpTool({ description: 'd' })
  @wrapped
  around(_args: unknown, context: McpContext): string {
    return context.name;
  }

  @McpTool({ description: 'd' })
  dto(a: Dto): string {
    return a.q;
  }

  @McpTool({ description: 'd', inputSchema: z.object({ q: z.string() }) })
  given(a: Query): string {
    return a.q;
  }

  @McpPrompt({ description: 'd', arguments: z.object({ q: z.string() }) })
  asked(a: Query): string {
    return a.q;
  }
}

/** Compiled without `emitDecoratorMetadata`. */
@Injectable()
class Untyped {
  @McpTool({ description: 'd' })
  find(a: Dto): string {
    return a.q;
  }
}
Reflect.deleteMetadata('design:paramtypes', Untyped.prototype, 'find');

@Module({
  imports: [McpModule.forRoot({ auth: false })],
  providers: [P, Untyped],
})
class App {}

describe.each(ADAPTERS)(
  'a provider whose arguments nobody knows on %s',
  (adapter) => {
    let booted: BootedApp | undefined;
    afterEach(() => booted?.close());

    it('is named at start-up, with the remedy, and no other', async () => {
      booted = await bootApp(App, adapter);
      expect(
        booted.logger.of('warn').filter((line) => /argument/.test(line)),
      ).toEqual([
        expect.stringMatching(
          /^P\.inline .*inline type.*DTO class, or give an inputSchema\..*_args/,
        ),
        expect.stringMatching(/^P\.taken .*inline type.*an inputSchema/),
        expect.stringMatching(
          /^P\.bare .*as Plain, a class without metadata.*or give an inputSchema/,
        ),
        expect.stringMatching(
          /^Untyped\.find .*"emitDecoratorMetadata".*or give an inputSchema/,
        ),
        expect.stringMatching(
          /^P\.review .*or give arguments in @McpPrompt\(\)/,
        ),
      ]);
    });
  },
);
