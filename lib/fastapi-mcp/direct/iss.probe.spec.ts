import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import {
  DIRECT_CLIENT,
  type DirectProvider,
  startDirectProvider,
} from '../../../test/support/direct-provider.js';
import { IssProbe } from './iss.probe.js';

const CALLBACK = 'http://127.0.0.1:7777/callback';

describe('IssProbe', () => {
  let provider: DirectProvider;
  let probe: IssProbe;

  beforeEach(async () => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    provider = await startDirectProvider([CALLBACK]);
    probe = new IssProbe({
      issuer: provider.issuer,
      metadataUrl: undefined,
      authorizationEndpoint: undefined,
      ...DIRECT_CLIENT,
      audience: undefined,
      scopes: [],
    });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await provider.close();
  });

  const ask = (redirectUri = CALLBACK) =>
    probe.sendsIss(
      {
        issuer: provider.issuer,
        authorization_endpoint: `${provider.issuer}/authorize`,
      },
      redirectUri,
    );

  it('finds a provider that sends iss, by a login without a person', async () => {
    provider.sendsIss = true;
    await expect(ask()).resolves.toBe(true);
    expect(provider.logins).toEqual([]);
    expect(provider.requests[0]?.path).toContain('prompt=none');
    expect(Logger.prototype.error).toHaveBeenCalledTimes(1);
  });

  it('finds one that does not, and asks once', async () => {
    await expect(ask()).resolves.toBe(false);
    await expect(ask()).resolves.toBe(false);
    expect(provider.requests).toHaveLength(1);
  });

  it('learns nothing of a redirect URI that the provider does not know', async () => {
    provider.sendsIss = true;
    await expect(ask('http://127.0.0.1:1/other')).resolves.toBe(false);
    await expect(ask()).resolves.toBe(true);
  });

  it('asks again where there was no answer', async () => {
    const known = provider.routes.get.bind(provider.routes);
    provider.routes.get = () => 'drop';
    await expect(ask()).resolves.toBe(false);
    provider.routes.get = known;
    provider.sendsIss = true;
    await expect(ask()).resolves.toBe(true);
  });
});
