import { loadEsModule, packageRemedy } from './optional-packages.js';

const refused = Object.assign(new Error('Must use import'), {
  code: 'ERR_REQUIRE_ESM',
});

describe('a package that is an ES module alone', () => {
  it('is what its import gives', async () => {
    const loaded = await loadEsModule('jose', () => import('jose'));
    expect(loaded.SignJWT).toBeInstanceOf(Function);
  });

  it.each([new Error('not installed'), refused])(
    'fails as its import fails, where no other way can help: %s',
    async (error) => {
      const load = (): Promise<never> => Promise.reject(error);
      await expect(loadEsModule('jose', load)).rejects.toBe(error);
    },
  );

  it('has a remedy by what went wrong', () => {
    expect(packageRemedy('oidc-provider', new Error('not installed'))).toBe(
      'Install it: npm install oidc-provider',
    );
    expect(packageRemedy('oidc-provider', refused)).toMatch(
      /Jest cannot require from CommonJS before Node 24\.9/,
    );
  });
});
