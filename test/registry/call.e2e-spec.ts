import {
  Controller,
  ForbiddenException,
  Get,
  Headers,
  Injectable,
  Module,
  Req,
  UseGuards,
} from '@nestjs/common';
import {
  AccessToken,
  assertScopes,
  getAccessToken,
  McpAuthGuard,
  McpAuthorize,
  McpContext,
  McpModule,
  McpPublic,
  McpRegistry,
  McpScopes,
  McpSecurityEvents,
  type McpSecurityEvent,
  McpTool,
  McpUser,
  ToolVisibility,
  type VisibilityQuestion,
} from '../../lib/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { createIssuer, type TestIssuer } from '../support/auth-issuer.js';
import { provide } from '../support/auth-provide.js';
import { bootApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';

const SCHEMA = {
  type: 'object',
  properties: { text: { type: 'string' } },
} as const;

@Controller('orders')
@UseGuards(McpAuthGuard)
export class OrdersController {
  @Get('mine')
  @McpTool({ name: 'orders_mine' })
  mine(
    @Headers('authorization') authorization: string | undefined,
    @McpUser() user: unknown,
    @Req() request: { readonly ip?: string },
  ): unknown {
    return {
      subject: getAccessToken()?.subject ?? null,
      authorization: authorization ?? null,
      user: user ?? null,
      ip: request.ip,
    };
  }

  @Get('sealed')
  @McpTool({ name: 'orders_sealed' })
  @McpScopes('orders:seal')
  sealed(): unknown {
    return { sealed: true };
  }
}

@Injectable()
export class Helpers {
  constructor(private readonly registry: McpRegistry) {}

  @McpTool({ name: 'whoami', inputSchema: SCHEMA })
  @McpPublic()
  whoami(args: { text?: string }, context: McpContext): unknown {
    return {
      subject: getAccessToken()?.subject ?? null,
      userId: context.userId ?? null,
      headers: context.headers,
      session: context.sessionId ?? null,
      text: args.text ?? null,
    };
  }

  /** An agent inside a call, which calls for somebody else. */
  @McpTool({ name: 'delegate' })
  async delegate(): Promise<unknown> {
    const other = new AccessToken({ token: 'of-bob', subject: 'bob' });
    const inner = await this.registry.call('whoami', {}, { identity: other });
    const route = await this.registry.call(
      'orders_mine',
      {},
      { identity: other },
    );
    const nobody = await this.registry.call('whoami', {}, { identity: null });
    return {
      inner: inner.structuredContent,
      route: route.structuredContent,
      nobody: nobody.structuredContent,
      outer: getAccessToken()?.subject,
    };
  }

  @McpTool({ name: 'own_only', inputSchema: SCHEMA })
  @McpAuthorize((token, { text }) => token?.subject === text)
  ownOnly(): unknown {
    return { own: true };
  }

  @McpTool({ name: 'asserting' })
  asserting(): unknown {
    assertScopes('orders:assert');
    return { asserted: true };
  }

  @McpTool({ name: 'destroy', confirm: true })
  destroy(): unknown {
    throw new ForbiddenException('must not run');
  }

  @McpTool({ name: 'asks' })
  async asks(_args: unknown, context: McpContext): Promise<unknown> {
    return context.elicit('Your name?', {
      type: 'object',
      properties: { name: { type: 'string' } },
    });
  }

  @McpTool({ name: 'slow' })
  async slow(_args: unknown, context: McpContext): Promise<unknown> {
    void context.reportProgress(1, 2, 'half');
    void context.reportProgress(1, 2, 'again');
    void context.reportProgress(2, 2, 'all');
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { aborted: context.signal.aborted };
  }

  @McpTool({ name: 'endless' })
  endless(): Promise<unknown> {
    return new Promise(() => undefined);
  }

  @McpTool({ name: 'hidden' })
  hidden(): unknown {
    return { hidden: true };
  }
}

@Injectable()
class NotHidden extends ToolVisibility {
  isVisible({ name, token }: VisibilityQuestion): boolean {
    return name !== 'hidden' || token?.subject === 'root';
  }
}

@Module({ controllers: [OrdersController], providers: [Helpers] })
class Orders {}

const ada = (init: { scopes?: string[]; expiresAt?: Date } = {}) =>
  new AccessToken({ token: 'made-out-here', subject: 'ada', ...init });

describe.each(MAIN_TWO)('McpRegistry.call() on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: Awaited<ReturnType<typeof bootProtected>>;
  let registry: McpRegistry;
  const events: McpSecurityEvent[] = [];

  beforeAll(async () => {
    issuer = await createIssuer();
    booted = await bootProtected(
      adapter,
      {
        verifier: issuer.verifier,
        resolveUser: (token) => ({ name: token.subject }),
      },
      {
        imports: [
          Orders,
          provide({ provide: ToolVisibility, useClass: NotHidden }),
        ],
      },
    );
    registry = booted.app.get(McpRegistry, { strict: false });
    booted.app
      .get(McpSecurityEvents, { strict: false })
      .stream.subscribe((event) => events.push(event));
  });
  beforeEach(() => void events.splice(0));
  afterAll(() => booted?.close());

  const call = (
    name: string,
    identity: AccessToken | null,
    args: Record<string, unknown> = {},
  ) => registry.call(name, args, { identity });

  it('runs a tool as the identity, which code at any depth finds', async () => {
    expect(await call('whoami', ada(), { text: 'hi' })).toMatchObject({
      structuredContent: {
        subject: 'ada',
        userId: 'ada',
        headers: {},
        session: null,
        text: 'hi',
      },
    });
    expect(getAccessToken()).toBeNull();
  });

  it("re-enters a route with the identity, which the route's McpAuthGuard trusts", async () => {
    expect(await call('orders_mine', ada())).toMatchObject({
      structuredContent: {
        subject: 'ada',
        authorization: 'Bearer made-out-here',
        user: { name: 'ada' },
        ip: '127.0.0.1',
      },
    });
  });

  it('null is nobody, who may call what is public alone', async () => {
    expect(await call('whoami', null)).toMatchObject({
      structuredContent: { subject: null, userId: null },
    });
    expect(await call('orders_mine', null)).toMatchObject({
      isError: true,
      content: [{ text: 'Forbidden' }],
    });
  });

  it.each([undefined, 'ada', { subject: 'ada' }])(
    'fails closed without an identity: %p',
    async (identity) => {
      await expect(
        registry.call('whoami', {}, { identity: identity as never }),
      ).rejects.toThrow(/needs \{ identity \}/);
      await expect(
        registry.call('whoami', {}, undefined as never),
      ).rejects.toThrow(/needs \{ identity \}/);
    },
  );

  it('an identity that has expired calls nothing', async () => {
    expect(
      await call('whoami', ada({ expiresAt: new Date(Date.now() - 1000) })),
    ).toMatchObject({ isError: true });
  });

  it.each([
    ['scopes', 'orders_sealed', {}],
    ['a predicate', 'own_only', { text: 'bob' }],
  ])('%s refuse as they refuse a client', async (_title, name, args) => {
    expect(await call(name, ada(), args)).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: 'Forbidden' }],
    });
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'call',
        name,
        outcome: 'refused',
        subject: 'ada',
      }),
    );
  });

  it('and let through as they let a client through', async () => {
    expect(
      await call('orders_sealed', ada({ scopes: ['orders:seal'] })),
    ).toMatchObject({ structuredContent: { sealed: true } });
    expect(await call('own_only', ada(), { text: 'ada' })).toMatchObject({
      structuredContent: { own: true },
    });
    expect(
      await call('asserting', ada({ scopes: ['orders:assert'] })),
    ).toMatchObject({ structuredContent: { asserted: true } });
    expect(await call('asserting', ada())).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('orders:assert') as string }],
    });
  });

  it('a tool that is hidden from the identity is unknown, as one that does not exist', async () => {
    const messageOf = (name: string) =>
      call(name, ada()).then(
        () => '',
        (error: Error) => error.message.replace(name, '<name>'),
      );
    expect(await messageOf('hidden')).toBe('Unknown tool: <name>');
    expect(await messageOf('nothing')).toBe('Unknown tool: <name>');
    const root = new AccessToken({ token: 'r', subject: 'root' });
    expect(await call('hidden', root)).toMatchObject({
      structuredContent: { hidden: true },
    });
  });

  it('arguments are validated', async () => {
    expect(await call('whoami', null, { text: 1 })).toMatchObject({
      isError: true,
      content: [
        { text: expect.stringContaining('Invalid arguments') as string },
      ],
    });
  });

  it.each(['asks', 'destroy'])(
    'nobody is there to be asked: %s is refused',
    async (name) => {
      const result = await call(name, ada());
      expect(result).toMatchObject({ isError: true });
      expect(JSON.stringify(result.content)).toContain(
        'the application has none',
      );
    },
  );

  it('reports progress that grows, and nothing else', async () => {
    const reports: unknown[] = [];
    await registry.call(
      'slow',
      {},
      { identity: ada(), reportProgress: (...report) => reports.push(report) },
    );
    expect(reports).toEqual([
      [1, 2, 'half'],
      [2, 2, 'all'],
    ]);
  });

  it('is cancelled by its signal', async () => {
    const abort = new AbortController();
    const running = registry.call(
      'endless',
      {},
      { identity: ada(), signal: abort.signal },
    );
    abort.abort();
    expect(await running).toMatchObject({ isError: true });
  });

  it("within another caller's request, it is the identity's and not that caller's", async () => {
    const result = await callTool(
      booted.endpoint,
      'delegate',
      {},
      {
        headers: await issuer.bearer(),
      },
    );
    expect(result.structuredContent).toMatchObject({
      inner: { subject: 'bob', userId: 'bob', headers: {} },
      route: { subject: 'bob', authorization: 'Bearer of-bob' },
      nobody: { subject: null, userId: null },
      outer: 'ada',
    });
  });

  it('is recorded with whom it was made for', async () => {
    await call('whoami', ada());
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'call',
        kind: 'tool',
        name: 'whoami',
        subject: 'ada',
        outcome: 'success',
      }),
    );
  });
});

@Injectable()
class Plain {
  @McpTool({ name: 'plain' })
  plain(): unknown {
    return { subject: getAccessToken()?.subject ?? null };
  }
}

describe('McpRegistry.call() on a server', () => {
  it('without auth, calls for nobody', async () => {
    @Module({
      imports: [McpModule.forRoot({ name: 'open', auth: false })],
      providers: [Plain],
    })
    class OpenApp {}
    const { app, close } = await bootApp(OpenApp, 'express');
    expect(
      await app.get(McpRegistry).call('plain', {}, { identity: null }),
    ).toMatchObject({ structuredContent: { subject: null } });
    await close();
  });

  it('whose callers only guards of the endpoint know, needs an identity', async () => {
    @Module({
      imports: [
        McpModule.forRoot({
          name: 'guarded',
          auth: { verifier: false },
          guards: [{ canActivate: () => true }],
        }),
      ],
      providers: [Plain],
    })
    class GuardedApp {}
    const { app, close } = await bootApp(GuardedApp, 'express');
    const registry = app.get(McpRegistry);
    await expect(
      registry.call('plain', {}, { identity: null }),
    ).rejects.toThrow(/auth\.verifier is false/);
    expect(await registry.call('plain', {}, { identity: ada() })).toMatchObject(
      { structuredContent: { subject: 'ada' } },
    );
    await close();
  });
});
