import { type INestApplication, Injectable, Module } from '@nestjs/common';
import {
  McpAuthModule,
  McpModule,
  McpOAuthClients,
  OAuthClients,
  StaticTokenVerifier,
} from '../../lib/index.js';
import { McpAuthorizationServerModule } from '../../lib/authorization-server/index.js';
import { NotesModule } from '../fixtures/auth/notes.controller.js';
import { ADAPTERS } from '../support/adapters.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
  TestLogin,
} from '../support/authorization-server.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import { PageBrowser } from '../support/page-browser.js';

const REDIRECT = 'http://127.0.0.1:7777/client-callback';

@Injectable()
class Partners {
  constructor(readonly clients: OAuthClients) {}
}

@Module({ providers: [Partners], exports: [Partners] })
class PartnersModule {}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

describe.each(ADAPTERS)('OAuthClients on %s', (adapter) => {
  let server: Issuing;
  let clients: OAuthClients;

  beforeAll(async () => {
    server = await bootIssuing(
      adapter,
      {
        registration: { enabled: false, secretExpirySeconds: 600 },
        clients: [{ clientId: 'known', redirectUris: [REDIRECT] }],
      },
      { imports: [NotesModule, PartnersModule] },
    );
    ({ clients } = server.app.get(Partners));
  });
  afterAll(() => server?.close());

  const register = async (metadata: object = {}): Promise<HandClient> => {
    const client = new HandClient(server.issuer, server.endpoint, REDIRECT);
    const made = await clients.register({
      client_name: 'Partner',
      redirect_uris: [REDIRECT],
      ...metadata,
    });
    client.clientId = made.client_id;
    client.clientSecret = made.client_secret;
    return client;
  };
  const basic = ({ clientId, clientSecret }: HandClient) => ({
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
  });
  const tokensOf = async (client: HandClient): Promise<Tokens> => {
    const code = await client.logIn(new PageBrowser());
    const answer = await client.token({ code }, basic(client));
    expect(answer.status).toBe(200);
    return (await answer.json()) as Tokens;
  };
  const read = async (token: string): Promise<number> =>
    (
      await fetch(server.endpoint, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      })
    ).status;

  it('registers a client that people log in with, though the endpoint is switched off', async () => {
    const client = await register();
    const { access_token: token } = await tokensOf(client);
    const { isError } = await callTool(
      server.endpoint,
      'notes_read',
      undefined,
      { headers: { authorization: `Bearer ${token}` } },
    );
    expect(isError).toBe(false);
  });

  it('refuses the login and every token of a client that was removed (RFC 7592, section 2.3)', async () => {
    const client = await register();
    const { access_token: token, refresh_token } = await tokensOf(client);
    expect(await read(token)).not.toBe(401);
    expect(await clients.remove(client.clientId)).toBe(true);
    expect(await read(token)).toBe(401);
    const refreshed = await client.token({ refresh_token }, basic(client));
    expect(refreshed.status).toBe(401);
    expect(await refreshed.json()).toHaveProperty('error', 'invalid_client');
    const page = await new PageBrowser().open(client.authorizationUrl());
    expect(page.status).toBe(400);
    expect(page.html).toContain('invalid_client');
    expect(await clients.remove(client.clientId)).toBe(false);
    expect(await clients.find(client.clientId)).toBeNull();
  });

  it('leaves what was issued void where the same public client registers again', async () => {
    const publicly = { token_endpoint_auth_method: 'none' };
    const client = await register(publicly);
    const code = await client.logIn(new PageBrowser());
    const { access_token: token, refresh_token } = (await (
      await client.token({ code })
    ).json()) as Tokens;
    await clients.remove(client.clientId);
    const again = await register(publicly);
    expect(again.clientId).toBe(client.clientId);
    expect(await read(token)).toBe(401);
    const refreshed = await again.token({ refresh_token });
    expect(refreshed.status).toBe(400);
    expect(await refreshed.json()).toHaveProperty('error', 'invalid_grant');
  });

  it('finds a client, and never tells its secret twice', async () => {
    const now = Math.floor(Date.now() / 1000);
    const made = await clients.register({
      client_name: 'Partner',
      redirect_uris: [REDIRECT, 'javascript:alert(1)'],
      scope: 'openid',
    });
    expect(made.redirect_uris).toEqual([REDIRECT]);
    expect(made.client_secret).toMatch(/^[\w-]{64}$/);
    expect(made.client_id_issued_at).toBeGreaterThanOrEqual(now);
    expect(made.client_secret_expires_at).toBe(
      (made.client_id_issued_at ?? 0) + 600,
    );
    const found = await clients.find(made.client_id);
    const { client_secret: secret, ...told } = made;
    expect(found).toEqual(told);
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  it('finds a client of the options, and does not remove it', async () => {
    expect(await clients.find('known')).toMatchObject({ client_id: 'known' });
    await expect(clients.remove('known')).rejects.toThrow(
      'OAuthClients.remove("known"): this client is in authorizationServer.clients',
    );
    expect(await clients.find('https://app.example/client.json')).toBeNull();
  });

  it.each([
    [{ redirect_uris: ['javascript:alert(1)'] }, 'javascript:alert'],
    [{ redirect_uris: ['http://example.com/cb'] }, 'http://example.com/cb'],
    [{ redirect_uris: 'https://a.example' }, 'redirect_uris has a wrong type'],
    [{ grant_types: ['client_credentials'] }, 'grant_types'],
    [{ client_name: 'x'.repeat(201) }, 'client_name'],
    [{ token_endpoint_auth_method: 'magic' }, 'token_endpoint_auth_method'],
  ])('refuses %j as the endpoint does', async (metadata, message) => {
    await expect(
      clients.register({ redirect_uris: [REDIRECT], ...(metadata as object) }),
    ).rejects.toThrow(message);
  });
});

describe.each(ADAPTERS)('clients of several servers on %s', (adapter) => {
  let booted: BootedApp | undefined;
  afterEach(async () => {
    await booted?.close();
    booted = undefined;
  });

  const boot = async (...imports: object[]): Promise<INestApplication> => {
    class App {}
    booted = await bootApp(
      { module: App, imports: imports as never[] },
      adapter,
    );
    return booted.app;
  };
  const issuing = (name: string) =>
    McpModule.forRoot({
      name,
      path: `/${name}`,
      auth: {
        resource: `https://api.example.com/${name}`,
        authorizationServer: {
          issuer: `https://api.example.com/${name}`,
          login: new TestLogin(),
        },
      },
    });

  it('come by name from McpOAuthClients', async () => {
    @Injectable()
    class Both {
      readonly notes: OAuthClients;
      readonly other: OAuthClients;
      constructor(clients: McpOAuthClients) {
        this.notes = clients.of('notes');
        this.other = clients.of('other');
      }
    }
    class BothModule {}
    const app = await boot(issuing('notes'), issuing('other'), {
      module: BothModule,
      providers: [Both],
    });
    const { notes, other } = app.get(Both);
    const { client_id: id } = await notes.register({
      redirect_uris: [REDIRECT],
    });
    expect(await notes.find(id)).not.toBeNull();
    expect(await other.find(id)).toBeNull();
  });

  it('are those of McpAuthorizationServerModule, too', async () => {
    const app = await boot(
      PartnersModule,
      McpAuthorizationServerModule.forRoot({
        resources: ['https://api.example.com'],
        login: new TestLogin(),
      }),
    );
    const { clients } = app.get(Partners);
    const { client_id: id } = await clients.register({
      redirect_uris: [REDIRECT],
    });
    expect(await clients.find(id)).toHaveProperty('client_id', id);
  });

  it('stop the application where there is no telling which', async () => {
    await expect(
      boot(issuing('notes'), issuing('other'), PartnersModule),
    ).rejects.toThrow(
      'Partners injects OAuthClients, and there are several authorization servers',
    );
  });

  it('stop the application where there is no authorization server', async () => {
    const verified = McpAuthModule.forRoot({
      resource: 'https://api.example.com',
      verifier: new StaticTokenVerifier(['one']),
    });
    await expect(boot(verified, PartnersModule)).rejects.toThrow(
      'Partners injects OAuthClients, but there is no authorization server',
    );
  });

  it('stop the application for a name that no server has', async () => {
    class AskingModule {}
    const asking = {
      module: AskingModule,
      providers: [
        {
          provide: 'asking',
          useFactory: (clients: McpOAuthClients) => clients.of('note'),
          inject: [McpOAuthClients],
        },
      ],
    };
    await expect(boot(issuing('notes'), asking)).rejects.toThrow(
      'McpOAuthClients.of("note"): no authorization server has this name. There is "notes".',
    );
  });
});
