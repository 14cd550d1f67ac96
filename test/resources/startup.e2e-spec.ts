import {
  Body,
  Controller,
  Get,
  Injectable,
  Module,
  Param,
  Post,
  type Provider,
  Query,
  Sse,
  type Type,
} from '@nestjs/common';
import { IsOptional, IsString } from 'class-validator';
import { EMPTY, type Observable } from 'rxjs';
import {
  McpCompletion,
  McpHide,
  McpModule,
  McpPrompt,
  McpPublic,
  McpResource,
  ToolVisibility,
  type McpAuthOptions,
  type McpResourceOptions,
} from '../../lib/index.js';
import { bootProtected } from '../support/auth-app.js';
import { createIssuer } from '../support/auth-issuer.js';
import { provide } from '../support/auth-provide.js';
import { bootApp } from '../support/boot-app.js';

class Named {
  @IsString()
  name: string;

  @IsOptional()
  @IsString()
  form?: string;
}

/** A provider of one resource. */
function providing(
  options: McpResourceOptions,
  ...decorators: MethodDecorator[]
): Type<unknown> {
  @Injectable()
  class Things {
    read(): string {
      return 'x';
    }
  }
  decorate(Things, 'read', [McpResource(options), ...decorators]);
  return Things;
}

function decorate(
  owner: Type<unknown>,
  name: string,
  decorators: readonly MethodDecorator[],
): void {
  const prototype = owner.prototype as object;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  for (const each of decorators) {
    each(prototype, name, descriptor ?? {});
  }
}

function moduleOf(
  providers: readonly Type<unknown>[],
  controllers: readonly Type<unknown>[] = [],
): Type<unknown> {
  @Module({ providers: [...providers], controllers: [...controllers] })
  class Part {}
  return Part;
}

async function start(
  providers: readonly Type<unknown>[],
  controllers: readonly Type<unknown>[] = [],
): Promise<void> {
  @Module({
    imports: [
      McpModule.forRoot({ name: 'content' }),
      moduleOf(providers, controllers),
    ],
  })
  class App {}
  await (await bootApp(App, 'express')).close();
}

describe('a resource that cannot be stops the application', () => {
  it.each([
    ['no-scheme', 'scheme'],
    ['a://b c', '%XX'],
    ['a://{x', 'counterpart'],
    ['a://{x}{y}', 'nothing fixed'],
    ['a://{;x}', 'no expression'],
  ])('with the URI "%s"', async (uri, reason) => {
    const failure = start([providing({ uri })]);
    await expect(failure).rejects.toThrow(reason);
    await expect(failure).rejects.toThrow('Things.read');
  });

  it('with a size for all the resources of a template', async () => {
    await expect(
      start([providing({ uri: 'a://{x}', size: 3 })]),
    ).rejects.toThrow('size');
  });

  it.each([0, 1.5, -1])('with a timeout of %d', async (timeout) => {
    await expect(start([providing({ uri: 'a://x', timeout })])).rejects.toThrow(
      'timeout',
    );
  });

  it('with a cache time that is none', async () => {
    await expect(
      start([providing({ uri: 'a://x', cache: { ttlMs: -1 } })]),
    ).rejects.toThrow('cache');
  });

  it.each([
    ['of one URI', 'a://x', 'a://x', false],
    ['of templates that differ by names alone', 'a://{x}', 'a://{y}', false],
    ['of one name', 'a://x', 'a://y', true],
  ])('when there are two %s', async (_, one, two, sameName) => {
    class First {
      @McpResource({ uri: one, name: 'same' })
      read(): string {
        return '';
      }
    }
    class Second {
      @McpResource({ uri: two, name: sameName ? 'same' : 'other' })
      load(): string {
        return '';
      }
    }
    const failure = start([First, Second]);
    await expect(failure).rejects.toThrow(`resource "${one}"`);
    await expect(failure).rejects.toThrow('First.read');
    await expect(failure).rejects.toThrow(`"${two}" (Second.load)`);
  });

  it('unless one of two is hidden', async () => {
    class Second {
      @McpHide()
      @McpResource({ uri: 'a://x' })
      load(): string {
        return '';
      }
    }
    await expect(
      start([providing({ uri: 'a://x' }), Second]),
    ).resolves.toBeUndefined();
  });

  it('when its method requires what no URI has', async () => {
    class Things {
      @McpResource({ uri: 'a://{form}{?name}' })
      read({ name }: Named): string {
        return name;
      }
    }
    await expect(start([Things])).rejects.toThrow('requires "name"');
  });

  it('when it stands on a class', async () => {
    class Things {
      read(): string {
        return '';
      }
    }
    (McpResource({ uri: 'a://x' }) as unknown as ClassDecorator)(Things);
    await expect(start([Things])).rejects.toThrow('the class Things');
  });

  it('when it stands on a controller method that is no route', async () => {
    @Controller()
    class Things {
      @McpResource({ uri: 'a://x' })
      read(): string {
        return '';
      }
    }
    await expect(start([], [Things])).rejects.toThrow(
      'Things.read, a controller method that is no route',
    );
  });

  it.each([
    ['a POST route', Post(), 'only a GET route'],
    ['a stream of events', Sse(), 'stream of events'],
  ])('when it stands on %s', async (_, decorator, reason) => {
    @Controller('things')
    class Things {
      read(): Observable<never> {
        return EMPTY;
      }
    }
    decorate(Things, 'read', [decorator, McpResource({ uri: 'a://x' })]);
    await expect(start([], [Things])).rejects.toThrow(reason);
  });

  it.each([
    ['lacks a path parameter', 'a://x', 'requires "id"'],
    ['has a variable more', 'a://{id}/{more}', '"more"'],
    ['makes a path parameter optional', 'a://x{?id}', 'requires "id"'],
    ['names a property of the body', 'a://{id}/{text}', '"text"'],
  ])('when its template %s than its route', async (_, uri, reason) => {
    @Controller('things')
    class Things {
      @Get(':id')
      @McpResource({ uri })
      read(
        @Param('id') id: string,
        @Query('lang') lang?: string,
        @Body('text') text?: string,
      ): string {
        return `${id}${lang}${text}`;
      }
    }
    await expect(start([], [Things])).rejects.toThrow(reason);
  });
});

describe('public caching is refused where the content depends on the caller (MCP 2026-07-28, Caching)', () => {
  const uri = 'a://x';
  const cache = { cacheScope: 'public' } as const;
  const boot = async (
    things: Type<unknown>,
    auth?: McpAuthOptions,
    ...providers: Provider[]
  ) => {
    const { close } = await bootProtected('express', auth, {
      imports: [moduleOf([things]), ...providers.map(provide)],
    });
    await close();
  };

  it('on a server that is open: not', async () => {
    await expect(boot(providing({ uri, cache }))).resolves.toBeUndefined();
  });

  it('with a ToolVisibility', async () => {
    await expect(
      boot(providing({ uri, cache }), undefined, {
        provide: ToolVisibility,
        useValue: { isVisible: () => true },
      }),
    ).rejects.toThrow('"public"');
  });

  it('on a server that verifies tokens, but for what is public', async () => {
    const { verifier } = await createIssuer();
    await expect(boot(providing({ uri, cache }), { verifier })).rejects.toThrow(
      '"public"',
    );
    await expect(
      boot(providing({ uri, cache }, McpPublic()), { verifier }),
    ).resolves.toBeUndefined();
  });
});

describe('a prompt that cannot be stops the application', () => {
  it('when there are two of one name', async () => {
    class Prompts {
      @McpPrompt({ name: 'same' })
      one(): string {
        return '';
      }

      @McpPrompt({ name: 'same' })
      two(): string {
        return '';
      }
    }
    const failure = start([Prompts]);
    await expect(failure).rejects.toThrow('prompt "same"');
    await expect(failure).rejects.toThrow('Prompts.one');
    await expect(failure).rejects.toThrow('Prompts.two');
  });

  it.each([
    ['are no object', { type: 'string' }, 'is no object'],
    ['are no schema', { type: 'object', properties: 3 }, 'not a valid'],
  ])('when its arguments %s', async (_, schema, reason) => {
    class Prompts {
      @McpPrompt({ arguments: schema })
      one(): string {
        return '';
      }
    }
    await expect(start([Prompts])).rejects.toThrow(reason);
  });

  it('when it stands on a controller, or a class', async () => {
    @Controller('x')
    class Routes {
      @Get()
      @McpPrompt()
      one(): string {
        return '';
      }
    }
    await expect(start([], [Routes])).rejects.toThrow(
      'Routes.one, a method of a controller',
    );
    class Prompts {}
    (McpPrompt() as unknown as ClassDecorator)(Prompts);
    await expect(start([Prompts])).rejects.toThrow('the class Prompts');
  });
});

describe('a completion that cannot be stops the application', () => {
  const completing = (
    ...options: Parameters<typeof McpCompletion>[0][]
  ): Type<unknown> => {
    class Things {
      @McpPrompt({ name: 'known' })
      prompt({ name }: Named): string {
        return name;
      }

      @McpResource({ uri: 'a://{known}' })
      template(): string {
        return '';
      }

      @McpResource({ uri: 'a://fixed' })
      fixed(): string {
        return '';
      }

      first(): string[] {
        return [];
      }

      second(): string[] {
        return [];
      }
    }
    const [first, second] = options;
    if (first) decorate(Things, 'first', [McpCompletion(first)]);
    if (second) decorate(Things, 'second', [McpCompletion(second)]);
    return Things;
  };

  it.each([
    [{ prompt: 'nobody', argument: 'name' }, 'There is "known"'],
    [{ prompt: 'known', argument: 'nothing' }, 'There are "name", "form"'],
    [{ resource: 'a://{other}', argument: 'other' }, 'There is "a://{known}"'],
    [{ resource: 'a://fixed', argument: 'x' }, 'no template'],
    [{ resource: 'a://{known}', argument: 'x' }, 'There is "known"'],
    [{ argument: 'x' } as never, 'either a prompt or a resource'],
  ])('when it completes %j', async (options, reason) => {
    const failure = start([completing(options)]);
    await expect(failure).rejects.toThrow(reason);
    await expect(failure).rejects.toThrow('Things.first');
  });

  it('when there are two for one argument', async () => {
    const options = { prompt: 'known', argument: 'name' };
    const failure = start([completing(options, options)]);
    await expect(failure).rejects.toThrow('completion "prompt:known#name"');
    await expect(failure).rejects.toThrow('Things.first');
    await expect(failure).rejects.toThrow('Things.second');
  });
});
