import { ServerSecrets } from './server-keys.js';

const [OLD, NEW] = ['a'.repeat(32), 'b'.repeat(32)] as const;

describe('ServerSecrets', () => {
  const secrets = new ServerSecrets([OLD]);

  it('signs a text for one purpose', () => {
    const value = secrets.sign('csrf', 'text');
    expect(secrets.verify('csrf', 'text', value)).toBe(true);
    expect(secrets.verify('csrf', 'other', value)).toBe(false);
    expect(secrets.verify('other', 'text', value)).toBe(false);
    // Purpose and text cannot be shifted into each other.
    expect(secrets.sign('a', 'bc')).not.toBe(secrets.sign('ab', 'c'));
  });

  it.each([undefined, null, '', 1, [], {}, 'x'.repeat(43)])(
    'takes %j for no signature',
    (value) => {
      expect(secrets.verify('csrf', 'text', value)).toBe(false);
    },
  );

  it('uses the first and accepts every one', () => {
    const both = new ServerSecrets([NEW, OLD]);
    expect(both.verify('p', 't', secrets.sign('p', 't'))).toBe(true);
    expect(secrets.verify('p', 't', both.sign('p', 't'))).toBe(false);
    expect(both.all).toEqual([NEW, OLD]);
  });
});
