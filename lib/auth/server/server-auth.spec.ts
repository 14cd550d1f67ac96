import { syntheticProvider } from '../../nest/provider-methods.js';
import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { PLAIN_RULE } from '../access/access-rule.js';
import { AccessToken } from '../token/access-token.js';
import type { McpAuthModuleOptions } from '../auth-options.interface.js';
import { StaticTokenVerifier } from '../verifiers/static-token.verifier.js';
import { McpAuthProvider } from '../credentials/auth.provider.js';
import { ServerAuth } from './server-auth.js';

class Everybody extends McpAuthProvider {
  authenticate(): Promise<AccessToken> {
    return Promise.resolve(new AccessToken({ token: 't', subject: 'ada' }));
  }
}

/** All modules of an application, which are one here. */
const containerOf = (provided: ReadonlyMap<unknown, object>) => {
  const providers = [...provided].map(
    ([token, instance]) => [token, syntheticProvider(instance)] as const,
  );
  return new Map([
    ['app', { name: 'AppModule', providers: new Map(providers) }],
  ]);
};

/** An application that provides these, by their class. */
const server = (
  options: McpAuthModuleOptions | false | undefined,
  provided: ReadonlyMap<unknown, object> = new Map(),
) =>
  new ServerAuth(options, {
    name: 'atlas',
    endpointPath: () => '/mcp',
    adapterHost: {} as HttpAdapterHost,
    modules: { get: () => containerOf(provided) } as unknown as ModuleRef,
  });
const verifier = new StaticTokenVerifier({ good: { scope: 'a' } });
const request = { headers: { authorization: 'Bearer good' } };
const PUBLIC = { ...PLAIN_RULE, isPublic: true };

describe('before it is prepared, a server', () => {
  it.each<[string, McpAuthModuleOptions]>([
    ['a verifier', { verifier }],
    ['a provider', { provider: new Everybody() }],
    ['neither, which the application then must provide', {}],
  ])('with %s verifies tokens, and knows nobody', async (_, options) => {
    const auth = server(options, new Map([[McpAuthProvider, new Everybody()]]));
    expect(auth.verifiesTokens).toBe(true);
    expect(await auth.authenticate(request)).toBeNull();
    expect(auth.allows(null, [])).toBe(false);
    expect(auth.allows(null, [PLAIN_RULE])).toBe(false);
  });

  it.each([undefined, false, { verifier: false }] as const)(
    'with auth: %j verifies none, then as later',
    async (options) => {
      const auth = server(
        options,
        new Map([[McpAuthProvider, new Everybody()]]),
      );
      for (const prepare of [() => undefined, () => auth.prepare()]) {
        await prepare();
        expect(auth.verifiesTokens).toBe(false);
        expect(await auth.authenticate(request)).toBeNull();
      }
    },
  );
});

it('knows callers once it is prepared', async () => {
  const auth = server({ verifier });
  await auth.prepare();
  expect(auth.verifiesTokens).toBe(true);
  expect((await auth.authenticate(request))?.scopes).toEqual(['a']);
});

describe('a server with scopes of its own', () => {
  const auth = server({ verifier, requiredScopes: ['enter'] });
  const token = (...scopes: string[]) =>
    new AccessToken({ token: 't', scopes });

  it('allows what is public to every good token, as to nobody in particular', () => {
    expect(auth.allows(token(), [PUBLIC, PUBLIC])).toBe(true);
    expect(auth.allows(null, [PUBLIC, PUBLIC])).toBe(true);
  });

  it('allows anything else to a token that has them, with those of the rules', () => {
    const scoped = { ...PLAIN_RULE, scopes: ['a'] };
    expect(auth.allows(token('enter', 'a'), [scoped, PUBLIC])).toBe(true);
    expect(auth.allows(token('enter'), [scoped, PUBLIC])).toBe(false);
    expect(auth.allows(token('a'), [scoped])).toBe(false);
    expect(auth.allows(token('a'), [PUBLIC, PLAIN_RULE])).toBe(false);
    expect(auth.allows(null, [PUBLIC, PLAIN_RULE])).toBe(false);
  });

  it('asks for them where no operation is named', () => {
    expect(auth.allows(token('enter'), [])).toBe(true);
    expect(auth.allows(token(), [])).toBe(false);
    expect(auth.allows(null, [])).toBe(false);
  });
});

describe('a provider', () => {
  class Slow extends Everybody {
    ready = false;

    override async prepare(): Promise<void> {
      await new Promise((done) => setImmediate(done));
      this.ready = true;
    }
  }

  it('is ready before the server is', async () => {
    const provider = new Slow();
    await server({ provider }).prepare();
    expect(provider.ready).toBe(true);
  });

  it('that cannot make itself ready stops the application', async () => {
    const provider = new Everybody();
    provider.prepare = () => Promise.reject(new Error('no directory'));
    const auth = server({ provider });
    await expect(auth.prepare()).rejects.toThrow('no directory');
    expect(await auth.authenticate(request)).toBeNull();
  });
});

it.each([{ verifier }, { verifier: false }, undefined] as const)(
  'with auth: %j an issuer of its own that cannot make itself ready stops the application',
  async (options) => {
    const auth = server(options);
    auth.tokenIssuer.prepare = async () => {
      await new Promise((done) => setImmediate(done));
      throw new Error('no storage');
    };
    await expect(auth.prepare()).rejects.toThrow('no storage');
  },
);
