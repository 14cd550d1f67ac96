import {
  createSigningKey,
  type SigningKey,
} from '../../../../test/support/signing-key.js';
import { usableKeys } from './remote-key-set.js';

let key: SigningKey;
beforeAll(async () => {
  key = await createSigningKey();
});

describe('usableKeys', () => {
  it.each([null, 'keys', [], {}, { keys: {} }, { keys: 'all' }])(
    'refuses %j, which is no key set (RFC 7517 section 5)',
    async (document) => {
      await expect(usableKeys(document)).rejects.toThrow(
        'The key set has no list of keys',
      );
    },
  );

  it('leaves out keys that sign nothing, whatever algorithm they name', async () => {
    const agreement = { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) };
    await expect(
      usableKeys({
        keys: [{ ...agreement, alg: 'ECDH-ES' }, agreement, key.jwk],
      }),
    ).resolves.toEqual({ keys: [key.jwk] });
  });
});
