import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  AccessToken,
  AuthChallenge,
  type McpAuthOptions,
  McpAuthGuard,
  McpAuthModule,
  McpModule,
  McpScopes,
  McpTokenVerifiers,
  McpTool,
  ProtectedResourceMetadata,
  StaticTokenVerifier,
  type TokenClaims,
  TokenVerifier,
} from '../../lib/index.js';
import {
  ADAPTERS,
  type AdapterName,
  createAdapter,
} from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';

const RESOURCE = 'https://api.example.com/mcp';
const verifier = new StaticTokenVerifier({
  good: { sub: 'ada', scope: 'notes:read' },
});

@Controller('notes')
class NotesController {
  @Get()
  @McpTool()
  @McpScopes('notes:read')
  read(): string {
    return 'a note';
  }
}

/** Plays a WebSocket gateway: a provider that no HTTP guard stands before. */
@Injectable()
class EventsGateway {
  constructor(private readonly verifier: TokenVerifier) {}

  async connect(token: string): Promise<string | undefined> {
    const caller = await this.verifier.verify(token);
    return AccessToken.is(caller) ? caller.subject : undefined;
  }
}

@Module({ providers: [EventsGateway], exports: [EventsGateway] })
class EventsModule {}

const authorized = (token: string) => ({
  headers: { authorization: `Bearer ${token}` },
});

const application = (auth: McpAuthOptions, ...imports: object[]) => {
  class NotesApp {}
  return {
    module: NotesApp,
    imports: [
      McpModule.forRoot({ name: 'notes', auth }),
      EventsModule,
      ...(imports as never[]),
    ],
    controllers: [NotesController],
  };
};

describe.each(ADAPTERS)('TokenVerifier on %s', (adapter: AdapterName) => {
  let booted: BootedApp | undefined;

  afterEach(async () => {
    await booted?.close();
    booted = undefined;
  });

  it('is injected into a gateway, in a module that imports nothing of ours', async () => {
    booted = await bootApp(
      application({ resource: RESOURCE, verifier }),
      adapter,
    );
    const gateway = booted.app.get(EventsGateway);
    expect(await gateway.connect('good')).toBe('ada');
    expect(await gateway.connect('bad')).toBeUndefined();
  });

  it('refuses there what was issued for another server, has expired, or is bound to a key', async () => {
    const claims = { sub: 'ada', aud: RESOURCE };
    const tokens: Record<string, TokenClaims> = {
      own: claims,
      other: { ...claims, aud: 'https://other.example.com' },
      expired: { ...claims, exp: 1 },
      bound: { ...claims, cnf: { jkt: 'a' } },
    };
    class Claims extends TokenVerifier {
      override readonly audienceBinding = 'claim';
      override verify(token: string): Promise<TokenClaims | null> {
        return Promise.resolve(tokens[token] ?? null);
      }
    }
    booted = await bootApp(
      application({ resource: RESOURCE, verifier: new Claims() }),
      adapter,
    );
    const gateway = booted.app.get(EventsGateway);
    expect(await gateway.connect('own')).toBe('ada');
    for (const token of ['other', 'expired', 'bound', 'unknown']) {
      expect([token, await gateway.connect(token)]).toEqual([token, undefined]);
    }
  });

  it('is replaced everywhere by overrideProvider()', async () => {
    const built = await Test.createTestingModule({
      imports: [
        application({
          resource: RESOURCE,
          verifier: {
            issuer: 'https://login.example.com',
            jwksUri: 'https://login.example.com/keys',
          },
        }),
      ],
    })
      .overrideProvider(TokenVerifier)
      .useValue(
        new StaticTokenVerifier({ test: { sub: 'bob', scope: 'notes:read' } }),
      )
      .compile();
    const app = built.createNestApplication(createAdapter(adapter));
    try {
      await app.listen(0, '127.0.0.1');
      const endpoint = `${(await app.getUrl()).replace('[::1]', '127.0.0.1')}/mcp`;
      const { isError, text } = await callTool(
        endpoint,
        'notes_read',
        undefined,
        authorized('test'),
      );
      expect([isError, text]).toEqual([false, 'a note']);
      expect(await app.get(EventsGateway).connect('test')).toBe('bob');
      const refused = await fetch(endpoint, {
        method: 'POST',
        headers: { authorization: 'Bearer good' },
      });
      expect(refused.status).toBe(401);
    } finally {
      await app.close();
    }
  });

  it('is that of McpAuthModule where there are several', async () => {
    const other = new StaticTokenVerifier({ route: { sub: 'eve' } });
    booted = await bootApp(
      application(
        { resource: RESOURCE, verifier },
        McpAuthModule.forRoot({
          resource: 'https://api.example.com',
          verifier: other,
        }),
      ),
      adapter,
    );
    const gateway = booted.app.get(EventsGateway);
    expect(await gateway.connect('route')).toBe('eve');
    expect(await gateway.connect('good')).toBeUndefined();
  });

  it('comes by the name of a server from McpTokenVerifiers', async () => {
    @Injectable()
    class Gateways {
      readonly notes: TokenVerifier;
      readonly other: TokenVerifier;

      constructor(verifiers: McpTokenVerifiers) {
        this.notes = verifiers.of('notes');
        this.other = verifiers.of('other');
      }
    }
    class SeveralApp {}
    booted = await bootApp(
      {
        module: SeveralApp,
        imports: [
          McpModule.forRoot({
            name: 'notes',
            auth: { resource: RESOURCE, verifier },
          }),
          McpModule.forRootAsync({
            useFactory: () => ({
              name: 'other',
              path: '/other',
              auth: {
                resource: 'https://api.example.com/other',
                verifier: new StaticTokenVerifier({ else: { sub: 'eve' } }),
              },
            }),
          }),
        ],
        controllers: [NotesController],
        providers: [Gateways],
      },
      adapter,
    );
    const { notes, other } = booted.app.get(Gateways);
    expect(await notes.verify('good')).toMatchObject({ subject: 'ada' });
    expect(await other.verify('good')).toBeNull();
    expect(await other.verify('else')).toMatchObject({ subject: 'eve' });
  });

  it('stops the application where it could be that of several servers', async () => {
    const second = McpModule.forRoot({
      name: 'second',
      path: '/second',
      auth: {
        resource: 'https://api.example.com/second',
        verifier: new StaticTokenVerifier(['two']),
      },
    });
    await expect(
      bootApp(application({ resource: RESOURCE, verifier }, second), adapter),
    ).rejects.toThrow(
      'EventsGateway injects TokenVerifier, and several servers verify tokens',
    );
  });

  it('stops the application where nothing verifies tokens', async () => {
    class OpenApp {}
    const open = {
      module: OpenApp,
      imports: [McpModule.forRoot({ auth: false }), EventsModule],
    };
    await expect(bootApp(open, adapter)).rejects.toThrow(
      'EventsGateway injects TokenVerifier, but nothing verifies tokens',
    );
  });

  it('stops the application for a server that McpTokenVerifiers does not know', async () => {
    const asking = {
      provide: 'asking',
      useFactory: (verifiers: McpTokenVerifiers) => verifiers.of('note'),
      inject: [McpTokenVerifiers],
    };
    class AskingApp {}
    await expect(
      bootApp(
        {
          module: AskingApp,
          imports: [application({ resource: RESOURCE, verifier })],
          providers: [asking],
        },
        adapter,
      ),
    ).rejects.toThrow('no server with tokens has this name. There is "notes".');
  });
});

describe.each(ADAPTERS)('what else can be injected on %s', (adapter) => {
  it('is the guard, the challenge and the metadata of the server', async () => {
    class GuardedApp {}
    const booted = await bootApp(
      {
        module: GuardedApp,
        imports: [
          McpModule.forRoot({
            name: 'notes',
            auth: {
              resource: RESOURCE,
              verifier,
              authorizationServers: ['https://login.example.com'],
            },
          }),
        ],
        controllers: [NotesController],
        providers: [{ provide: APP_GUARD, useExisting: McpAuthGuard }],
      },
      adapter,
    );
    try {
      const { app, url } = booted;
      expect((await fetch(`${url}/notes`)).status).toBe(401);
      expect((await fetch(`${url}/notes`, authorized('good'))).status).toBe(
        200,
      );
      const metadata = app.get(ProtectedResourceMetadata, { strict: false });
      expect(metadata.url()).toBe(
        'https://api.example.com/.well-known/oauth-protected-resource/mcp',
      );
      expect(metadata.document()).toMatchObject({
        resource: RESOURCE,
        authorization_servers: ['https://login.example.com'],
      });
      expect(
        app.get(AuthChallenge, { strict: false }).header('Bearer', {
          error: 'invalid_token',
        }),
      ).toBe('Bearer error="invalid_token"');
    } finally {
      await booted.close();
    }
  });
});
