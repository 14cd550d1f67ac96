import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import {
  McpAuthGuard,
  McpAuthModule,
  McpModule,
  McpTool,
  StaticTokenVerifier,
} from 'nestjs-mcp';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp } from '../support/boot-app.js';

@Controller('guarded')
@UseGuards(McpAuthGuard)
class GuardedController {
  @Get()
  read(): { read: true } {
    return { read: true };
  }
}

@Controller('greeting')
class GreetingController {
  @Get()
  @McpTool()
  greet(): string {
    return 'Hello';
  }
}

const api = () =>
  McpAuthModule.forRoot({
    resource: 'https://api.example.com',
    verifier: new StaticTokenVerifier(['api-token']),
  });

describe.each(ADAPTERS)('McpAuthGuard on a route, on %s', (adapter) => {
  it.each([
    ['McpAuthModule alone', () => [api()]],
    [
      'McpAuthModule before an open server',
      () => [api(), McpModule.forRoot({ name: 'open' })],
    ],
    [
      'McpAuthModule after an open server',
      () => [McpModule.forRoot({ name: 'open' }), api()],
    ],
    [
      'McpAuthModule after a server with verifier: false',
      () => [
        McpModule.forRoot({
          name: 'own',
          auth: { verifier: false },
          guards: [{ canActivate: () => true }],
        }),
        api(),
      ],
    ],
    [
      'McpAuthModule after a server with tokens of its own',
      () => [
        McpModule.forRoot({
          name: 'own',
          auth: {
            resource: 'https://api.example.com/mcp',
            verifier: new StaticTokenVerifier(['mcp-token']),
          },
        }),
        api(),
      ],
    ],
  ])(
    'refuses strangers and lets its own tokens in, with %s',
    async (_name, imports) => {
      @Module({
        imports: imports(),
        controllers: [GuardedController, GreetingController],
      })
      class GuardedApp {}
      const booted = await bootApp(GuardedApp, adapter);
      const status = async (token?: string): Promise<number> =>
        (
          await fetch(`${booted.url}/guarded`, {
            headers: token ? { authorization: `Bearer ${token}` } : {},
          })
        ).status;
      try {
        expect([
          await status(),
          await status('mcp-token'),
          await status('api-token'),
        ]).toEqual([401, 401, 200]);
      } finally {
        await booted.close();
      }
    },
  );

  it('does not let everybody in where no server verifies tokens', async () => {
    @Module({
      imports: [McpModule.forRoot({ name: 'open' })],
      controllers: [GuardedController, GreetingController],
    })
    class OpenApp {}
    // Either the application does not start, or the route is refused.
    const outcome = await bootApp(OpenApp, adapter).then(
      async (booted) => {
        const { status } = await fetch(`${booted.url}/guarded`);
        await booted.close();
        return status;
      },
      () => 'did not start',
    );
    expect(outcome).not.toBe(200);
  });
});

describe.each(ADAPTERS)('McpAuthGuard without rules, on %s', (adapter) => {
  const protectedServer = (name: string) =>
    McpModule.forRoot({
      name,
      path: `/${name}`,
      auth: {
        resource: `https://api.example.com/${name}`,
        verifier: new StaticTokenVerifier([`${name}-token`]),
      },
    });

  it.each([
    [
      'nothing verifies tokens',
      () => [McpModule.forRoot({ name: 'open' })],
      'McpAuthGuard protects a route, but nothing verifies tokens.',
    ],
    [
      'two servers do',
      () => [protectedServer('one'), protectedServer('two')],
      'McpAuthGuard protects a route, and several servers verify tokens.',
    ],
  ])('stops the application where %s', async (_where, imports, sentence) => {
    @Module({ imports: imports(), controllers: [GuardedController] })
    class UnruledApp {}
    await expect(bootApp(UnruledApp, adapter)).rejects.toThrow(sentence);
  });
});
