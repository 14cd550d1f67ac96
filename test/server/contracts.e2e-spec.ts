import {
  type DynamicModule,
  Injectable,
  Module,
  type Provider,
  Scope,
  type Type,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  AuthChallenge,
  EventStore,
  ExactScopeMatcher,
  type McpAuthOptions,
  McpAuthProvider,
  McpModule,
  McpTool,
  MemoryEventStore,
  MemoryServerEventBus,
  ScopeMatcher,
  ServerEventBus,
  StaticTokenVerifier,
  TokenVerifier,
  ToolVisibility,
  type VisibilityQuestion,
} from '../../lib/index.js';
import {
  DefaultAuthorizationPages,
  LoginService,
  MemoryOAuthStore,
  OAuthStore,
} from '../../lib/authorization-server/index.js';
import { createMcpClient } from '../../lib/testing/index.js';
import {
  ADAPTERS,
  type AdapterName,
  createAdapter,
} from '../support/adapters.js';
import { RESOURCE } from '../support/auth-issuer.js';
import { bootApp } from '../support/boot-app.js';

class NoSecrets extends ToolVisibility {
  isVisible({ name }: VisibilityQuestion): boolean {
    return name !== 'atlas_secret';
  }
}
class Matcher extends ExactScopeMatcher {}
class Challenge extends AuthChallenge {}
class Callers extends McpAuthProvider {
  authenticate(): Promise<null> {
    return Promise.resolve(null);
  }
}
class Tokens extends TokenVerifier {
  override readonly audienceBinding = 'construction';
  verify(): Promise<null> {
    return Promise.resolve(null);
  }
}
class Store extends MemoryOAuthStore {}
class Login extends LoginService {
  login(): Promise<null> {
    return Promise.resolve(null);
  }
}
class Events extends MemoryEventStore {}
class Bus extends MemoryServerEventBus {}
class Pages extends DefaultAuthorizationPages {}

interface ContractRow {
  readonly contract: abstract new () => object;
  readonly implementation: Type<object>;
  /** What asks for it. */
  readonly auth?: McpAuthOptions;
}

const verifier = new StaticTokenVerifier(['token']);
const CONTRACTS: readonly ContractRow[] = [
  { contract: ToolVisibility, implementation: NoSecrets },
  { contract: ScopeMatcher, implementation: Matcher, auth: { verifier } },
  { contract: AuthChallenge, implementation: Challenge, auth: { verifier } },
  { contract: McpAuthProvider, implementation: Callers, auth: { verifier } },
  { contract: TokenVerifier, implementation: Tokens, auth: {} },
  {
    contract: OAuthStore,
    implementation: Store,
    auth: { authorizationServer: { login: new Login() } },
  },
  {
    contract: LoginService,
    implementation: Login,
    auth: { authorizationServer: {} },
  },
  { contract: EventStore, implementation: Events },
  { contract: ServerEventBus, implementation: Bus },
];

@Injectable()
class Atlas {
  @McpTool()
  find(): string {
    return 'found';
  }

  @McpTool()
  secret(): string {
    return 'hidden';
  }
}

@Module({})
class FirstModule {}

@Module({})
class SecondModule {}

const providing = (
  module: Type<unknown>,
  ...providers: Provider[]
): DynamicModule => ({
  module,
  providers,
  exports: providers as DynamicModule['exports'],
});

function application(
  auth: McpAuthOptions | undefined,
  ...imports: (DynamicModule | Type<unknown>)[]
): Type<unknown> {
  @Module({
    imports: [
      McpModule.forRoot({
        name: 'atlas',
        auth: auth ? { resource: RESOURCE, ...auth } : false,
      }),
      ...imports,
    ],
    providers: [Atlas],
  })
  class AtlasModule {}
  return AtlasModule;
}

const refusal = async (
  adapter: AdapterName,
  module: Type<unknown>,
): Promise<string> => {
  try {
    const { close } = await bootApp(module, adapter);
    await close();
  } catch (error) {
    return (error as Error).message;
  }
  return 'it starts';
};

@Injectable({ scope: Scope.REQUEST })
class Tenant {}

@Injectable()
class Tenants {
  constructor(readonly tenant: Tenant) {}
}

describe.each(ADAPTERS)('contracts of an application on %s', (adapter) => {
  describe.each(CONTRACTS.map((row) => ({ ...row, name: row.contract.name })))(
    '$name',
    ({ name, contract, implementation, auth }) => {
      const given = (provider: object): Provider =>
        ({ provide: contract, ...provider }) as Provider;
      const one = given({ useClass: implementation });

      it('stop it where they are made for each request', async () => {
        const scoped = given({
          useClass: implementation,
          scope: Scope.REQUEST,
        });
        expect(
          await refusal(
            adapter,
            application(auth, providing(FirstModule, scoped)),
          ),
        ).toBe(
          `${name} is provided as ${implementation.name} in FirstModule, which is ` +
            'request-scoped, while there has to be one instance for all requests. ' +
            'Give it the default scope; it is told who calls, or finds it by ' +
            'getAccessToken().',
        );
      });

      it('stop it where they depend on what is made for each request', async () => {
        const dependent = given({
          useFactory: () => new implementation(),
          inject: [Tenants],
        });
        expect(
          await refusal(
            adapter,
            application(
              auth,
              providing(FirstModule, Tenant, Tenants, dependent),
            ),
          ),
        ).toContain(
          `in FirstModule, which depends on Tenant, which is request-scoped, while`,
        );
      });

      it('stop it where they are made for each consumer', async () => {
        const transient = given({
          useClass: implementation,
          scope: Scope.TRANSIENT,
        });
        expect(
          await refusal(
            adapter,
            application(auth, providing(FirstModule, transient)),
          ),
        ).toContain(
          `${implementation.name} in FirstModule, which is transient,`,
        );
      });

      it('stop it where two modules provide one each', async () => {
        expect(
          await refusal(
            adapter,
            application(
              auth,
              providing(FirstModule, one),
              providing(SecondModule, one),
            ),
          ),
        ).toContain(
          `${name} is provided twice: ${implementation.name} in FirstModule, and ` +
            `${implementation.name} in SecondModule. Provide one, in one module`,
        );
      });

      it.each([undefined, null])(
        'stop it where what is provided is %s',
        async (nothing) => {
          expect(
            await refusal(
              adapter,
              application(
                auth,
                providing(FirstModule, given({ useFactory: () => nothing })),
              ),
            ),
          ).toContain(`${name} is provided in FirstModule as ${nothing}.`);
        },
      );

      it('are one where one is provided under several names', async () => {
        const alias = given({ useExisting: implementation });
        const shared = providing(FirstModule, implementation, alias);
        expect(
          await refusal(
            adapter,
            application(auth, shared, {
              ...providing(SecondModule, alias),
              imports: [shared],
            }),
          ),
        ).toBe('it starts');
      });
    },
  );

  it('stop it where their implementation has only a name of its own', async () => {
    expect(
      await refusal(
        adapter,
        application(undefined, providing(FirstModule, NoSecrets)),
      ),
    ).toBe(
      'NoSecrets in FirstModule extends ToolVisibility, and is not provided as ' +
        'such. Write { provide: ToolVisibility, useClass: NoSecrets }.',
    );
  });

  it('tell of the request itself, where it is what they depend on', async () => {
    const dependent = {
      provide: ToolVisibility,
      useFactory: () => new NoSecrets(),
      inject: [REQUEST],
    };
    expect(
      await refusal(
        adapter,
        application(undefined, providing(FirstModule, dependent)),
      ),
    ).toContain('which depends on REQUEST, which is request-scoped');
  });

  it('count once where tests override them', async () => {
    const one = { provide: ToolVisibility, useClass: NoSecrets };
    const module = await Test.createTestingModule({
      imports: [application(undefined, providing(FirstModule, one))],
    })
      .overrideProvider(ToolVisibility)
      .useValue({ isVisible: () => false })
      .compile();
    const app = module.createNestApplication(createAdapter(adapter));
    const client = await createMcpClient(app);
    expect((await client.listTools()).map(({ name }) => name)).toEqual([]);
    await client.close();
    await app.close();
  });

  it('decide where several modules know of the one there is', async () => {
    const shared = providing(FirstModule, NoSecrets, {
      provide: ToolVisibility,
      useExisting: NoSecrets,
    });
    const module = application(undefined, shared, {
      module: SecondModule,
      imports: [shared],
    });
    const { app, close } = await bootApp(module, adapter);
    const client = await createMcpClient(app);
    expect((await client.listTools()).map(({ name }) => name)).toEqual([
      'atlas_find',
    ]);
    await client.close();
    await close();
  });
});

describe.each(ADAPTERS)('classes that options name on %s', (adapter) => {
  const login = new Login();
  const NAMED: readonly {
    readonly option: string;
    readonly type: Type<object>;
    readonly auth: McpAuthOptions;
  }[] = [
    { option: 'auth.verifier', type: Tokens, auth: { verifier: Tokens } },
    { option: 'auth.provider', type: Callers, auth: { provider: Callers } },
    {
      option: 'authorizationServer.login',
      type: Login,
      auth: { authorizationServer: { login: Login } },
    },
    {
      option: 'authorizationServer.store',
      type: Store,
      auth: { authorizationServer: { login, store: Store } },
    },
    {
      option: 'authorizationServer.pages',
      type: Pages,
      auth: { authorizationServer: { login, pages: Pages } },
    },
  ];

  it.each(NAMED)(
    'stop the application where $option is made for each request',
    async ({ option, type, auth }) => {
      const scoped = { provide: type, useClass: type, scope: Scope.REQUEST };
      expect(
        await refusal(
          adapter,
          application(auth, providing(FirstModule, scoped)),
        ),
      ).toContain(
        `${option} is provided as ${type.name} in FirstModule, which is request-scoped`,
      );
    },
  );

  it.each(NAMED)(
    'are not looked at twice: $option decides among several providers',
    async ({ type, auth }) => {
      const contract = Object.getPrototypeOf(type) as Type<object>;
      expect(
        await refusal(
          adapter,
          application(
            auth,
            providing(FirstModule, type, {
              provide: contract,
              useClass: type,
            } as Provider),
            providing(SecondModule, type, {
              provide: contract,
              useClass: type,
            } as Provider),
          ),
        ),
      ).toBe('it starts');
    },
  );

  it('stop the application where nobody provides them', async () => {
    expect(
      await refusal(
        adapter,
        application({ authorizationServer: { login: Login } }),
      ),
    ).toBe(
      'authorizationServer.login is the class Login, which no module provides. ' +
        'Add it to the providers of one, or give an instance.',
    );
  });

  it('stop the application where they are made here, and say they are for one request', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest extends Tokens {}
    expect(
      await refusal(adapter, application({ verifier: PerRequest })),
    ).toContain(
      'auth.verifier is the class PerRequest, which is request-scoped',
    );
  });
});
