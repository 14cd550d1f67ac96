import { jest } from '@jest/globals';
import type { IssuerMetadata } from '../../auth/verifiers/discovery/discover-issuer.js';
import { ProviderDocument } from './direct.metadata.js';
import { UnsuitableProviderError } from './check-direct-provider.js';

const document = (version: number): IssuerMetadata => ({
  issuer: 'https://login.example.com',
  version,
});

describe('ProviderDocument', () => {
  const find = jest.fn<() => Promise<IssuerMetadata>>();
  let provider: ProviderDocument;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    find.mockReset();
    provider = new ProviderDocument(find);
  });
  afterEach(() => jest.useRealTimers());

  const pass = (seconds: number) => jest.advanceTimersByTime(seconds * 1000);
  /** Lets what was begun behind the back of those who ask come to its end. */
  const settle = async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      await Promise.resolve();
    }
  };

  it('is fetched once, however many ask', async () => {
    find.mockResolvedValue(document(1));
    const [a, b] = await Promise.all([provider.current(), provider.current()]);
    pass(299);
    expect([a, b, await provider.current()]).toEqual(
      [1, 1, 1].map((version) => document(version)),
    );
    expect(find).toHaveBeenCalledTimes(1);
  });

  it('is renewed after five minutes, and nobody waits for that', async () => {
    find.mockResolvedValueOnce(document(1)).mockResolvedValueOnce(document(2));
    await provider.current();
    pass(300);
    await expect(provider.current()).resolves.toEqual(document(1));
    await settle();
    await expect(provider.current()).resolves.toEqual(document(2));
  });

  it('stays while the provider is down, which is asked again after a while', async () => {
    find.mockResolvedValueOnce(document(1));
    await provider.current();
    find.mockRejectedValue(new Error('down'));
    pass(300);
    for (let turn = 0; turn < 3; turn += 1) {
      await expect(provider.current()).resolves.toEqual(document(1));
      await settle();
    }
    expect(find).toHaveBeenCalledTimes(2);
    find.mockResolvedValue(document(2));
    pass(5);
    await provider.current();
    await settle();
    await expect(provider.current()).resolves.toEqual(document(2));
  });

  it('is not there where the provider never answered, until it does', async () => {
    find.mockRejectedValueOnce(new Error('down'));
    await expect(provider.current()).rejects.toThrow('down');
    await expect(provider.current()).rejects.toThrow('down');
    expect(find).toHaveBeenCalledTimes(1);
    find.mockResolvedValue(document(1));
    pass(5);
    await expect(provider.current()).resolves.toEqual(document(1));
  });

  it('is gone once the provider says that it has become unsuitable', async () => {
    find.mockResolvedValueOnce(document(1));
    await provider.current();
    find.mockRejectedValue(
      new UnsuitableProviderError('https://a.example', 'x'),
    );
    pass(300);
    await provider.current();
    await settle();
    await expect(provider.current()).rejects.toThrow(UnsuitableProviderError);
  });
});
