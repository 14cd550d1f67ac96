import { Injectable, Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { JwtTokenVerifier } from './jwt/jwt-token.verifier.js';
import { resolveVerifier } from './resolve-verifier.js';
import { StaticTokenVerifier } from './static-token.verifier.js';
import { TokenVerifier, type AudienceBinding } from './token-verifier.js';

@Injectable()
class Directory {
  readonly people = ['ada'];
}

@Injectable()
class Mine extends TokenVerifier {
  override audienceBinding: AudienceBinding = 'construction';
  prepared = 0;

  constructor(readonly directory: Directory) {
    super();
  }

  override verify() {
    return Promise.resolve({ sub: this.directory.people[0] });
  }

  override prepare() {
    this.prepared += 1;
    return Promise.resolve();
  }
}

class Silent extends Mine {
  override audienceBinding: AudienceBinding = 'none';
}

const modulesWith = async (...providers: (typeof Mine | object)[]) => {
  // Below the module that asks, where only a look into all modules finds it.
  @Module({ providers: [Directory, ...(providers as object[] as never[])] })
  class Deep {}
  @Module({ imports: [Deep], providers: [Directory] })
  class Top {
    constructor(readonly modules: ModuleRef) {}
  }
  const app = await Test.createTestingModule({ imports: [Top] }).compile();
  return app.get(Top).modules;
};

describe('resolveVerifier', () => {
  it('takes a verifier as it is, and prepares it', async () => {
    const given = new Mine(new Directory());
    const modules = await modulesWith();
    expect(await resolveVerifier(given, modules)).toBe(given);
    expect(given.prepared).toBe(1);
  });

  it('makes a JWT verifier of options', async () => {
    const made = await resolveVerifier(
      { secret: 'x'.repeat(32), issuer: 'https://a.example' },
      await modulesWith(),
    );
    expect(made).toBeInstanceOf(JwtTokenVerifier);
    expect(made.issuers).toEqual(['https://a.example']);
  });

  it('takes the instance of a class that the application provides', async () => {
    const modules = await modulesWith(Mine);
    const found = await resolveVerifier(Mine, modules);
    expect(found).toBe(modules.get(Mine, { strict: false }));
    expect(found).toMatchObject({ prepared: 1 });
  });

  it('makes one of a class that it does not, with what that class needs', async () => {
    const made = await resolveVerifier(Mine, await modulesWith());
    expect(made).toBeInstanceOf(Mine);
    expect(made).toMatchObject({ directory: { people: ['ada'] }, prepared: 1 });
  });

  it('takes the TokenVerifier of the application where none is named', async () => {
    const own = new StaticTokenVerifier(['a']);
    const modules = await modulesWith({
      provide: TokenVerifier,
      useValue: own,
    });
    expect(await resolveVerifier(undefined, modules)).toBe(own);
    const named = new StaticTokenVerifier(['b']);
    expect(await resolveVerifier(named, modules)).toBe(named);
  });

  it('does not start without any', async () => {
    await expect(
      resolveVerifier(undefined, await modulesWith()),
    ).rejects.toThrow(
      'auth has no verifier, and the application provides no TokenVerifier. Set auth.verifier',
    );
  });

  it('does not start with one whose tokens may be meant for any server (RFC 8707)', async () => {
    const silent = new Silent(new Directory());
    const bare = { verify: async () => null } as unknown as TokenVerifier;
    for (const given of [silent, bare]) {
      await expect(resolveVerifier(given, await modulesWith())).rejects.toThrow(
        /^auth\.verifier: (Silent|Object) does not tell how its tokens are bound/,
      );
    }
    expect(silent.prepared).toBe(0);
  });

  it.each<AudienceBinding>(['claim', 'construction', 'waived'])(
    'starts with one bound by %s',
    async (binding) => {
      const given = new Mine(new Directory());
      given.audienceBinding = binding;
      expect(await resolveVerifier(given, await modulesWith())).toBe(given);
    },
  );
});
