import { setTimeout as sleep } from 'node:timers/promises';
import {
  Controller,
  type DynamicModule,
  Get,
  Injectable,
  Module,
  UseGuards,
} from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  AccessToken,
  ApiKeyAuthProvider,
  getAccessToken,
  McpAuthGuard,
  McpAuthModule,
  type McpAuthModuleOptions,
  type McpAuthOptions,
  McpModule,
  McpPublic,
  McpRegistry,
  McpResource,
  McpTool,
  StaticTokenVerifier,
} from '../../lib/index.js';
import { McpBearerStrategy } from '../../lib/auth/passport/index.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { createIssuer, type TestIssuer } from '../support/auth-issuer.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import { DpopKey, tokenHash } from '../support/dpop-key.js';
import {
  ERAS,
  type Era,
  post,
  rpc,
  type RpcAnswer,
} from '../support/json-rpc.js';

const MCP = 'https://api.example.com/mcp';
const API = 'https://api.example.com';

const caller = () => ({
  subject: getAccessToken()?.subject ?? null,
  resource: getAccessToken()?.resource ?? null,
});

@Controller('guarded')
@UseGuards(McpAuthGuard)
class GuardedController {
  @Get()
  @McpTool({ name: 'guarded' })
  read() {
    return caller();
  }

  @Get('open')
  @McpTool({ name: 'open' })
  @McpPublic()
  open() {
    return caller();
  }

  @Get('page')
  @McpResource({ uri: 'pages://one', name: 'page' })
  page() {
    return caller();
  }
}

@Controller('passport')
@UseGuards(AuthGuard('mcp'))
class PassportController {
  @Get()
  @McpTool({ name: 'passport' })
  read() {
    return caller();
  }
}

@Injectable()
class Tools {
  constructor(private readonly registry: McpRegistry) {}

  /** As long as it takes others to be served. */
  @McpTool({ name: 'who' })
  async who() {
    await sleep(100);
    return caller();
  }

  @McpTool({ name: 'for_caller' })
  async forCaller() {
    const identity = getAccessToken();
    return this.registry.call('guarded', {}, { identity });
  }

  @McpTool({ name: 'for_agent' })
  async forAgent() {
    const identity = new AccessToken({ token: 'made-up', subject: 'agent' });
    return this.registry.call('guarded', {}, { identity });
  }
}

/** One server, and ordinary routes with rules of their own. */
function appOf(
  server: McpAuthOptions,
  routes: McpAuthModuleOptions,
): DynamicModule {
  @Module({})
  class TwoPlaces {}
  return {
    module: TwoPlaces,
    imports: [
      McpModule.forRoot({ name: 'own', auth: { resource: MCP, ...server } }),
      McpAuthModule.forRoot({ resource: API, ...routes }),
    ],
    controllers: [GuardedController, PassportController],
    providers: [Tools, McpBearerStrategy],
  };
}

type Headers = Record<string, string>;

const bearer = (token: string): Headers => ({
  authorization: `Bearer ${token}`,
});

/** How a route answers over HTTP, and to each way of calling it through the server. */
async function ask({ url }: BootedApp, era: Era, headers: Headers) {
  const over = (path: string) => fetch(`${url}/${path}`, { headers });
  const call = (name: string) =>
    rpc(`${url}/mcp`, era, 'tools/call', { name }, { headers });
  const uri = 'pages://one';
  return {
    http: (await over('guarded')).status,
    openHttp: (await over('guarded/open')).status,
    passportHttp: (await over('passport')).status,
    tool: await call('guarded'),
    open: await call('open'),
    passport: await call('passport'),
    resource: await rpc(
      `${url}/mcp`,
      era,
      'resources/read',
      { uri },
      { headers },
    ),
    forCaller: await call('for_caller'),
    forAgent: await call('for_agent'),
  };
}

const WAYS = ['tool', 'open', 'passport', 'resource'] as const;

/**
 * Whether the route let nobody in. The endpoint has found the token good, so that
 * another login would not help: that is told to the model, and not by a 401.
 */
const isRefused = ({ status, response }: RpcAnswer): boolean =>
  status === 200 &&
  (response?.error !== undefined || response?.result?.['isError'] === true);

describe.each(ADAPTERS)(
  'a guarded route that a call re-enters, on %s',
  (adapter: AdapterName) => {
    let issuer: TestIssuer;
    let booted: BootedApp;

    beforeAll(async () => {
      issuer = await createIssuer();
    });
    afterEach(() => booted?.close());

    const boot = async (
      server: McpAuthOptions,
      routes: McpAuthModuleOptions,
    ) => {
      booted = await bootApp(appOf(server, routes), adapter);
    };

    describe.each(ERAS)('(%s)', (era) => {
      it('refuses a token that only the server verified, as over HTTP', async () => {
        await boot(
          { verifier: new StaticTokenVerifier({ own: { sub: 'ada' } }) },
          { verifier: new StaticTokenVerifier(['api']) },
        );
        const seen = await ask(booted, era, bearer('own'));
        expect([seen.http, seen.openHttp, seen.passportHttp]).toEqual([
          401, 401, 401,
        ]);
        for (const way of WAYS) {
          expect([way, isRefused(seen[way])]).toEqual([way, true]);
          expect(seen[way].text).not.toContain('ada');
        }
        // The application may not pass it on either, but may speak for its own.
        expect(seen.forCaller.response?.result).toMatchObject({
          isError: true,
        });
        expect(seen.forAgent.text).toContain('agent');
      });

      it('refuses one of the same issuer that names the server alone', async () => {
        await boot(
          { verifier: issuer.verifier },
          { verifier: issuer.verifier },
        );
        const seen = await ask(booted, era, await issuer.bearer());
        expect([seen.http, ...WAYS.map((way) => isRefused(seen[way]))]).toEqual(
          [401, ...WAYS.map(() => true)],
        );
      });

      it('verifies one that names both, for the route', async () => {
        await boot(
          { verifier: issuer.verifier },
          { verifier: issuer.verifier },
        );
        const headers = await issuer.bearer({ aud: [MCP, API] });
        const seen = await ask(booted, era, headers);
        expect(seen.http).toBe(200);
        for (const way of WAYS) {
          expect([way, seen[way].status]).toEqual([way, 200]);
          expect(seen[way].text).toContain('ada');
        }
        // At the route, it is the route's.
        expect(seen.tool.text).toContain(JSON.stringify(API).slice(1, -1));
        expect(seen.tool.text).not.toContain(`${API}/mcp`);
      });

      it('verifies a token that both places know', async () => {
        const verifier = new StaticTokenVerifier({ both: { sub: 'ada' } });
        await boot({ verifier }, { verifier });
        const seen = await ask(booted, era, bearer('both'));
        expect([seen.http, ...WAYS.map((way) => seen[way].status)]).toEqual([
          200, 200, 200, 200, 200,
        ]);
        expect(seen.forCaller.text).toContain('ada');
      });

      it('refuses an API key of the server', async () => {
        const keys = new StaticTokenVerifier(['key'], { tokenType: 'api_key' });
        await boot(
          { provider: new ApiKeyAuthProvider({ verifier: keys }) },
          { verifier: new StaticTokenVerifier(['api']) },
        );
        const seen = await ask(booted, era, { 'x-api-key': 'key' });
        expect([
          seen.http,
          ...[seen.tool, seen.resource].map(isRefused),
        ]).toEqual([401, true, true]);
        // Over HTTP, too, the key is nothing that the route looks at.
        expect([seen.openHttp, seen.open.status]).toEqual([200, 200]);
        expect(seen.open.text).toContain('null');
      });

      it('asks for the scopes of its own place', async () => {
        const verifier = new StaticTokenVerifier({ both: { scope: 'read' } });
        await boot({ verifier }, { verifier, requiredScopes: ['admin'] });
        const seen = await ask(booted, era, bearer('both'));
        expect([seen.http, seen.tool.status, seen.resource.status]).toEqual([
          403, 403, 403,
        ]);
      });
    });

    it.each([
      [
        'counts where the route accepts the same issuer and audience',
        MCP,
        false,
      ],
      ['is refused where it accepts another', API, true],
    ])('a DPoP-bound token %s', async (_, audience, refused) => {
      await boot(
        { verifier: issuer.verifier },
        { verifier: { ...issuer.verifier, audience } },
      );
      const key = await DpopKey.create();
      const token = await issuer.token({
        aud: [MCP, API],
        cnf: { jkt: key.jkt },
      });
      const answer = await rpc(
        `${booted.url}/mcp`,
        'modern',
        'tools/call',
        { name: 'guarded' },
        {
          headers: {
            authorization: `DPoP ${token}`,
            dpop: await key.prove({ htu: MCP, ath: tokenHash(token) }),
          },
        },
      );
      expect([answer.status, isRefused(answer)]).toEqual([200, refused]);
    });

    it('leaves the caller of the other calls in a batch as it is', async () => {
      await boot(
        { verifier: new StaticTokenVerifier({ both: { sub: 'at-server' } }) },
        { verifier: new StaticTokenVerifier({ both: { sub: 'at-routes' } }) },
      );
      const call = (id: number, name: string) => ({
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name, arguments: {} },
      });
      const { messages } = await post(
        `${booted.url}/mcp`,
        JSON.stringify([call(1, 'who'), call(2, 'guarded')]),
        {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2025-03-26',
          ...bearer('both'),
        },
      );
      const text = (id: number) =>
        JSON.stringify(messages.find((message) => message.id === id));
      expect(text(1)).toContain('at-server');
      expect(text(2)).toContain('at-routes');
    });
  },
);
