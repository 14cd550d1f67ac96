import {
  type LoopbackServer,
  startLoopbackServer,
} from '../../../../test/support/loopback-server.js';
import { metadataAt } from './discover-issuer.js';

describe('metadataAt', () => {
  let server: LoopbackServer;
  let url: string;

  beforeEach(async () => {
    server = await startLoopbackServer();
    url = `${server.origin}/elsewhere/metadata`;
  });
  afterEach(() => server.close());

  const serve = (json: unknown) =>
    server.routes.set('/elsewhere/metadata', { json });

  it('takes the issuer of its own origin from the document', async () => {
    serve({ issuer: `${server.origin}/tenant` });
    await expect(metadataAt(url, {})).resolves.toEqual({
      issuer: `${server.origin}/tenant`,
    });
  });

  it('does not let a document speak for another origin by itself', async () => {
    const issuer = 'https://login.example.com';
    serve({ issuer });
    await expect(metadataAt(url, {})).rejects.toThrow('of another origin');
    await expect(metadataAt(url, { issuer })).resolves.toEqual({ issuer });
  });

  it('refuses the document of another issuer than the configured one', async () => {
    serve({ issuer: `${server.origin}/` });
    await expect(metadataAt(url, { issuer: server.origin })).rejects.toThrow(
      `names "${server.origin}/". Configure the issuer letter for letter`,
    );
  });

  it.each([[{ token_endpoint: 'x' }], [[1]], ['text']])(
    'says where no document names an issuer: %j',
    async (json) => {
      serve(json);
      await expect(metadataAt(url, {})).rejects.toMatchObject({
        name: 'IssuerDiscoveryError',
      });
    },
  );

  it('tells an outage from a mistake', async () => {
    server.routes.set('/elsewhere/metadata', { status: 503 });
    await expect(metadataAt(url, {})).rejects.toMatchObject({
      name: 'VerifierUnavailableError',
    });
  });
});
