import type { LookupAddress } from 'node:dns';
import {
  allowedAddresses,
  pinnedLookup,
  type HostAddress,
} from './public-address.js';
import type { CheckedUrl } from './url-trust.js';

const at = (url: string, privateAllowed: boolean): CheckedUrl => ({
  url: new URL(url),
  privateAllowed,
});
const v4 = (address: string): HostAddress => ({ address, family: 4 });
const never = () => Promise.reject(new Error('nothing was to be resolved'));

describe('allowedAddresses', () => {
  it('keeps the public ones of several', async () => {
    const addresses = await allowedAddresses(
      at('https://a.example', false),
      () => Promise.resolve([v4('10.0.0.1'), v4('8.8.8.8'), v4('127.0.0.1')]),
    );
    expect(addresses).toEqual([v4('8.8.8.8')]);
  });

  it('keeps all where private ones are allowed', async () => {
    const all = [v4('10.0.0.1'), v4('8.8.8.8')];
    expect(
      await allowedAddresses(at('https://a.example', true), () =>
        Promise.resolve(all),
      ),
    ).toEqual(all);
  });

  it.each([[[v4('10.0.0.1')]], [[]]])('refuses %j', async (addresses) => {
    await expect(
      allowedAddresses(at('https://a.example', false), () =>
        Promise.resolve(addresses),
      ),
    ).rejects.toMatchObject({ failure: 'refused_address' });
  });

  it.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
  ])('refuses the literal %s without asking DNS', async (url) => {
    await expect(allowedAddresses(at(url, false), never)).rejects.toMatchObject(
      { failure: 'refused_address' },
    );
  });

  it('takes a public literal as it is', async () => {
    expect(
      await allowedAddresses(at('https://[2606:4700::1111]/', false), never),
    ).toEqual([{ address: '2606:4700::1111', family: 6 }]);
  });
});

describe('pinnedLookup', () => {
  const lookup = pinnedLookup([v4('8.8.8.8'), v4('9.9.9.9')]);
  const ask = (all: boolean) =>
    new Promise((resolve, reject) => {
      lookup(
        'rebound.example',
        { all },
        (error, address: string | LookupAddress[], family) =>
          error ? reject(error) : resolve([address, family]),
      );
    });

  it('knows the checked addresses alone, whatever the name', async () => {
    expect(await ask(false)).toEqual(['8.8.8.8', 4]);
    expect(await ask(true)).toEqual([
      [v4('8.8.8.8'), v4('9.9.9.9')],
      undefined,
    ]);
  });
});
