import { jest } from '@jest/globals';
import { Controller, Get, Headers, Module, Query } from '@nestjs/common';
import { decodeJwt } from 'jose';
import { UpstreamTokens } from '../../lib/authorization-server/index.js';
import { McpModule, McpTool } from '../../lib/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import { HandClient } from '../support/authorization-server.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { freePort } from '../support/free-port.js';
import { rpc, type RpcAnswer } from '../support/json-rpc.js';
import { muteProvider } from '../support/mute-provider.js';
import { PageBrowser } from '../support/page-browser.js';
import { Person } from '../support/person.js';
import {
  startUpstreamProvider,
  UPSTREAM_CLIENT,
  type UpstreamServer,
} from '../support/upstream-provider.js';

const NAMES = ['shop', 'office'] as const;
type Name = (typeof NAMES)[number];

@Controller('whoami')
class WhoAmIController {
  constructor(private readonly upstream: UpstreamTokens) {}

  @Get()
  @McpTool()
  show(@Headers('authorization') authorization: string): unknown {
    return { authorization };
  }

  @Get('upstream')
  @McpTool()
  async ask(@Query('subject') subject: string): Promise<unknown> {
    return { token: await this.upstream.get(subject) };
  }
}

describe.each(MAIN_TWO)(
  'two servers with a provider each, on %s',
  (adapter) => {
    let origin: string;
    let booted: BootedApp;
    let providers: Record<Name, UpstreamServer>;
    let clients: Record<Name, HandClient>;
    let tokens: Record<Name, string>;
    let browser: PageBrowser;

    beforeAll(async () => {
      muteProvider();
      const port = await freePort();
      origin = `http://127.0.0.1:${port}`;
      const start = (name: Name): Promise<UpstreamServer> =>
        startUpstreamProvider([`${origin}/mcp/${name}/oauth/callback`]);
      providers = { shop: await start('shop'), office: await start('office') };
      const server = (name: Name) =>
        McpModule.forRoot({
          name,
          path: `/mcp/${name}`,
          auth: {
            resource: `${origin}/mcp/${name}`,
            requiredScopes: [`${name}:use`],
            authorizationServer: {
              upstream: {
                issuer: providers[name].issuer,
                ...UPSTREAM_CLIENT,
                scopes: ['openid', 'offline_access'],
                name: `the ${name}'s provider`,
              },
              forwardUpstreamToken: true,
            },
          },
        });
      @Module({ imports: NAMES.map(server), controllers: [WhoAmIController] })
      class TwoProviders {}
      booted = await bootApp(TwoProviders, adapter, { port });
      // One browser for both: their cookies must not meet, either.
      const person = new Person('ada');
      ({ browser } = person);
      const client = (name: Name): HandClient =>
        new HandClient(`${origin}/mcp/${name}`, `${origin}/mcp/${name}`);
      clients = { shop: client('shop'), office: client('office') };
      const logIn = async (name: Name): Promise<string> => {
        // Registrations of the same metadata have the same id.
        await clients[name].register({ client_name: name });
        const visit = await person.visit(clients[name].authorizationUrl());
        expect(visit.prompts).toEqual([
          'allow',
          'provider: login',
          'provider: consent',
        ]);
        expect(visit.html).toContain(`the ${name}&#39;s provider`);
        expect(visit.callback.searchParams.get('iss')).toBe(
          `${origin}/mcp/${name}`,
        );
        const code = visit.callback.searchParams.get('code') ?? '';
        const answer = await clients[name].token({ code });
        return ((await answer.json()) as { access_token: string }).access_token;
      };
      tokens = { shop: await logIn('shop'), office: await logIn('office') };
    });
    afterAll(async () => {
      jest.restoreAllMocks();
      await booted?.close();
      await Promise.all(NAMES.map((name) => providers?.[name].close()));
    });

    const call = (
      name: Name,
      token: string,
      tool = 'who_am_i_show',
    ): Promise<RpcAnswer> =>
      rpc(
        `${origin}/mcp/${name}`,
        'modern',
        'tools/call',
        {
          name: tool,
          arguments: tool.endsWith('ask') ? { subject: 'ada' } : {},
        },
        { headers: { authorization: `Bearer ${token}` } },
      );
    const otherOf = (name: Name): Name => (name === 'shop' ? 'office' : 'shop');

    describe.each(NAMES)('the %s', (name) => {
      const other = otherOf(name);

      it('takes its own tokens, and its routes get those of its provider', async () => {
        expect(decodeJwt(tokens[name])).toMatchObject({
          iss: `${origin}/mcp/${name}`,
          aud: `${origin}/mcp/${name}`,
          sub: 'ada',
          scope: `${name}:use`,
        });
        const { status, text } = await call(name, tokens[name]);
        expect(status).toBe(200);
        const [, upstream = ''] = /Bearer ([\w-]+)/.exec(text) ?? [];
        // Opaque: its provider tells whose it is.
        const userinfo = (at: Name): Promise<Response> =>
          fetch(`${providers[at].issuer}/me`, {
            headers: { authorization: `Bearer ${upstream}` },
          });
        expect(await (await userinfo(name)).json()).toEqual({ sub: 'ada' });
        expect((await userinfo(other)).status).toBe(401);
      });

      it('gives the application the tokens of its own provider', async () => {
        const { text } = await call(name, tokens[name]);
        const [, upstream = ''] = /Bearer ([\w-]+)/.exec(text) ?? [];
        const asked = await call(name, tokens[name], 'who_am_i_ask');
        expect(asked.response?.result).toMatchObject({
          structuredContent: { token: upstream },
        });
      });

      it('refuses the tokens of the other', async () => {
        const { status, headers } = await call(name, tokens[other]);
        expect(status).toBe(401);
        expect(headers.get('www-authenticate')).toContain('"invalid_token"');
        expect(headers.get('www-authenticate')).toContain(
          `scope="${name}:use", resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp/${name}"`,
        );
      });

      it('knows neither the clients nor the codes of the other', async () => {
        const stranger = new HandClient(
          `${origin}/mcp/${name}`,
          `${origin}/mcp/${name}`,
        );
        stranger.clientId = clients[other].clientId;
        const page = await browser.open(stranger.authorizationUrl());
        expect([page.status, page.url.pathname]).toEqual([
          400,
          `/mcp/${name}/oauth/authorize`,
        ]);
        const code = await logInAgain(other);
        const here = clients[name];
        expect((await here.token({ code })).status).toBe(400);
        expect((await stranger.token({ code })).status).toBeGreaterThanOrEqual(
          400,
        );
      });

      it('issues no token for the other (RFC 8707)', async () => {
        const client = new HandClient(
          `${origin}/mcp/${name}`,
          `${origin}/mcp/${other}`,
        );
        await client.register();
        const page = await browser.open(client.authorizationUrl());
        expect(page.status).toBe(400);
        expect(page.html).toContain('invalid_target');
      });

      it('takes no callback of a login at the other', async () => {
        const mine = new PageBrowser();
        const page = await mine.open(clients[other].authorizationUrl());
        const login = await mine.submit(page, { decision: 'allow' });
        expect(login.url.origin).toBe(providers[other].issuer);
        const state = login.url.searchParams.get('state') ?? '';
        const crossed = new URL(`${origin}/mcp/${name}/oauth/callback`);
        crossed.search = new URLSearchParams({
          state,
          code: 'a-code',
          iss: providers[name].issuer,
        }).toString();
        expect((await mine.open(crossed)).status).toBe(403);
      });

      it.each([
        `/.well-known/oauth-authorization-server/mcp/${name}`,
        `/.well-known/openid-configuration/mcp/${name}`,
        `/mcp/${name}/.well-known/openid-configuration`,
      ])('has its metadata at %s', async (path) => {
        const issuer = `${origin}/mcp/${name}`;
        const text = await (await fetch(origin + path)).text();
        expect(JSON.parse(text)).toMatchObject({
          issuer,
          authorization_endpoint: `${issuer}/oauth/authorize`,
          token_endpoint: `${issuer}/oauth/token`,
          registration_endpoint: `${issuer}/oauth/register`,
          jwks_uri: `${issuer}/oauth/jwks`,
          scopes_supported: expect.arrayContaining([`${name}:use`]),
        });
        expect(text).not.toContain(other);
      });

      it('names its own authorization server, and no other', async () => {
        const url = `${origin}/.well-known/oauth-protected-resource/mcp/${name}`;
        expect(await (await fetch(url)).json()).toEqual({
          resource: `${origin}/mcp/${name}`,
          authorization_servers: [`${origin}/mcp/${name}`],
          scopes_supported: [`${name}:use`],
          bearer_methods_supported: ['header'],
        });
      });
    });

    it.each([
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/mcp',
      '/.well-known/oauth-protected-resource',
      '/oauth/authorize',
      '/oauth/token',
      '/oauth/callback',
    ])('have nothing at %s, which would be either', async (path) => {
      expect((await fetch(origin + path)).status).toBe(404);
    });

    it('have no tokens for anybody outside of a call', async () => {
      const upstream = booted.app.get(UpstreamTokens, { strict: false });
      await expect(upstream.get('ada')).rejects.toThrow(
        'several servers have an identity provider',
      );
    });

    async function logInAgain(name: Name): Promise<string> {
      const page = await browser.open(clients[name].authorizationUrl());
      const end = page.html.includes('name="decision"')
        ? await browser.submit(page, { decision: 'allow' })
        : page;
      return end.url.searchParams.get('code') ?? '';
    }
  },
);
