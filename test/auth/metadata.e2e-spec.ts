import {
  All,
  type CanActivate,
  Controller,
  Injectable,
  Module,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  McpAuthModule,
  McpModule,
  type McpAuthOptions,
} from '../../lib/index.js';
import { NotesModule } from '../fixtures/auth/notes.controller.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected, type ProtectedOptions } from '../support/auth-app.js';
import { readChallenge } from '../support/auth-challenge.js';
import {
  createIssuer,
  RESOURCE,
  type TestIssuer,
} from '../support/auth-issuer.js';
import { ScriptedVerifier } from '../support/auth-verifiers.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { rpcBody, rpcHeaders } from '../support/json-rpc.js';
import { sendRaw } from '../support/raw-http.js';

const ROOT = '/.well-known/oauth-protected-resource';

@Injectable()
class DenyAll implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller()
class WildcardController {
  @All('*')
  everything(): string {
    return 'the single-page application';
  }
}

/** All that may stand in the way of a document. */
@Module({
  imports: [NotesModule],
  controllers: [WildcardController],
  providers: [{ provide: APP_GUARD, useClass: DenyAll }],
})
class HostileModule {}

describe.each(ADAPTERS)('the metadata document on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: BootedApp | undefined;

  beforeAll(async () => {
    issuer = await createIssuer();
  });
  afterEach(async () => {
    await booted?.close();
    booted = undefined;
  });

  const boot = async (
    auth: McpAuthOptions = {},
    options: ProtectedOptions = {},
  ): Promise<BootedApp> =>
    (booted = await bootProtected(
      adapter,
      { verifier: issuer.verifier, ...auth },
      options,
    ));

  const get = (
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ) => sendRaw(`${booted?.url}${path}`, { method, headers });

  const documentAt = async (
    path: string,
    headers: Record<string, string> = {},
  ): Promise<Record<string, unknown>> => {
    const answer = await get(path, headers);
    expect([path, answer.status]).toEqual([path, 200]);
    expect(answer.values('content-type').join()).toContain('application/json');
    return JSON.parse(answer.text) as Record<string, unknown>;
  };

  /** What an anonymous client is told at the endpoint, by the name it used. */
  const challengeAt = async (
    path: string,
    headers: Record<string, string> = {},
  ) => {
    const answer = await sendRaw(`${booted?.url}${path}`, {
      method: 'POST',
      headers: { ...rpcHeaders('modern', 'tools/list', {}), ...headers },
      body: JSON.stringify(rpcBody('modern', 'tools/list', {})),
    });
    expect(answer.status).toBe(401);
    return readChallenge(answer.values('www-authenticate').join()).parameters;
  };

  it('says what a client must know, and nothing more (RFC 9728 2)', async () => {
    await boot({
      requiredScopes: ['notes:use', 'offline_access'],
      resourceName: 'Notes',
      resourceDocumentation: 'https://docs.example.com',
    });
    expect(await documentAt(`${ROOT}/mcp`)).toEqual({
      resource: RESOURCE,
      authorization_servers: [issuer.issuer],
      scopes_supported: ['notes:read', 'notes:write', 'notes:use'],
      bearer_methods_supported: ['header'],
      resource_name: 'Notes',
      resource_documentation: 'https://docs.example.com',
    });
  });

  it('leaves out what is not configured (RFC 9728 3.2)', async () => {
    await boot({}, { imports: [], mcp: { expose: 'all' } });
    expect(await documentAt(`${ROOT}/mcp`)).toEqual({
      resource: RESOURCE,
      authorization_servers: [issuer.issuer],
      bearer_methods_supported: ['header'],
    });
  });

  it('names the scopes and issuers that are configured (RFC 9728 2)', async () => {
    await boot({
      authorizationServers: ['https://a.example', 'https://b.example'],
      requiredScopes: ['notes:use'],
      scopesSupported: ['x', 'offline_access', 'y', 'x'],
    });
    expect(await documentAt(ROOT)).toMatchObject({
      authorization_servers: ['https://a.example', 'https://b.example'],
      scopes_supported: ['x', 'y'],
    });
  });

  it('is at the path form of the configured name and of the real path, and at the root (RFC 9728 3.1)', async () => {
    await boot(
      { resource: 'https://api.example.com/public/mcp' },
      { configure: (app) => void app.setGlobalPrefix('api') },
    );
    for (const path of [`${ROOT}/public/mcp`, `${ROOT}/api/mcp`, ROOT]) {
      expect((await documentAt(path))['resource']).toBe(
        'https://api.example.com/public/mcp',
      );
    }
    for (const path of [
      `${ROOT}/mcp`,
      `${ROOT}/api`,
      `/api${ROOT}/mcp`,
      `/api${ROOT}`,
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
  });

  it.each([
    ['a wildcard route', '/mcp', (): void => undefined],
    [
      'a global prefix',
      '/api/v1/mcp',
      (app: BootedApp['app']) => void app.setGlobalPrefix('api/v1'),
    ],
    [
      'versions in the URL',
      '/mcp',
      (app: BootedApp['app']) =>
        void app.enableVersioning({
          type: VersioningType.URI,
          defaultVersion: '2',
        }),
    ],
  ])(
    'is in the open despite a guard that denies all, and %s (RFC 9728 3)',
    async (_, path, configure) => {
      await boot({}, { imports: [HostileModule], configure });
      for (const url of [`${ROOT}${path}`, ROOT]) {
        expect((await documentAt(url))['resource']).toBe(RESOURCE);
        expect(
          (await documentAt(url, { authorization: 'Bearer bad' }))['resource'],
        ).toBe(RESOURCE);
        const head = await get(url, {}, 'HEAD');
        expect(head.status).toBe(200);
        expect(head.text).toBe('');
      }
    },
  );

  it('may be read by any page, after a preflight too (Fetch 3.2)', async () => {
    await boot();
    for (const path of [`${ROOT}/mcp`, ROOT]) {
      const origin = 'https://inspector.example';
      const answer = await get(path, { origin });
      expect(answer.values('access-control-allow-origin')).toEqual(['*']);
      const preflight = await get(
        path,
        {
          origin,
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'mcp-protocol-version',
        },
        'OPTIONS',
      );
      expect(preflight.status).toBe(204);
      expect(preflight.text).toBe('');
      expect(preflight.values('access-control-allow-origin')).toEqual(['*']);
      expect(preflight.values('access-control-allow-headers')).toEqual(['*']);
      expect(preflight.values('access-control-allow-methods').join()).toContain(
        'GET',
      );
    }
  });

  it('has the name that the client used, of several (RFC 9728 3.3)', async () => {
    const names = [
      'https://api.example.com/mcp',
      'https://eu.example.com:8443/gateway/mcp',
      'https://api.example.com/v2/mcp',
    ];
    await boot({ resource: names }, { mcp: { origins: false } });
    for (const name of names) {
      const { host, pathname } = new URL(name);
      expect(
        (await documentAt(`${ROOT}${pathname}`, { host }))['resource'],
      ).toBe(name);
    }
    // By the host, where the path tells nothing; the first, where nothing does.
    expect(
      (await documentAt(ROOT, { host: 'EU.example.com:8443' }))['resource'],
    ).toBe(names[1]);
    expect(
      (await documentAt(ROOT, { host: 'internal:3000' }))['resource'],
    ).toBe(names[0]);
    expect(
      (await challengeAt('/mcp', { host: 'eu.example.com:8443' }))[
        'resource_metadata'
      ],
    ).toBe(`https://eu.example.com:8443${ROOT}/gateway/mcp`);
  });

  it.each<[string, string, McpAuthOptions, string | undefined]>([
    ['with a path', '/mcp', {}, RESOURCE],
    [
      'without a path',
      '/mcp',
      { resource: 'https://mcp.example.com' },
      'https://mcp.example.com',
    ],
    [
      'with a slash at the end',
      '/mcp',
      { resource: 'https://mcp.example.com/mcp/' },
      'https://mcp.example.com/mcp/',
    ],
  ])(
    'is where the challenge says, for a name %s, and names what was asked for (RFC 9728 3.3, 5.1)',
    async (_, path, auth, resource) => {
      await boot(auth);
      const { resource_metadata: url = '' } = await challengeAt(path);
      const { host, pathname, origin } = new URL(url);
      expect(origin).toBe(new URL(resource ?? '').origin);
      expect((await documentAt(pathname, { host }))['resource']).toBe(resource);
    },
  );

  it('of each of two servers is at its own path, and nothing is at the root (RFC 9728 3.1)', async () => {
    @Module({
      imports: [
        McpModule.forRoot({
          path: '/one',
          auth: {
            verifier: issuer.verifier,
            resource: 'https://x.example/one',
          },
        }),
        McpModule.forRoot({
          path: '/two',
          auth: {
            verifier: issuer.verifier,
            resource: 'https://x.example/two',
          },
        }),
        NotesModule,
      ],
    })
    class TwoServers {}
    booted = await bootApp(TwoServers, adapter);
    for (const name of ['one', 'two']) {
      expect((await documentAt(`${ROOT}/${name}`))['resource']).toBe(
        `https://x.example/${name}`,
      );
      expect((await challengeAt(`/${name}`))['resource_metadata']).toBe(
        `https://x.example${ROOT}/${name}`,
      );
    }
    expect((await get(ROOT)).status).toBe(404);
  });

  const twoServers = (
    one: McpAuthOptions['resource'],
    two: McpAuthOptions['resource'],
    more: McpAuthOptions = { verifier: issuer.verifier },
  ) => {
    const named = (resource: McpAuthOptions['resource']) =>
      resource === undefined ? {} : { resource };
    @Module({
      imports: [
        McpModule.forRoot({
          path: '/one',
          auth: { verifier: issuer.verifier, ...named(one) },
        }),
        McpModule.forRoot({
          path: '/two',
          auth: { ...more, ...named(two) },
          guards: [{ canActivate: () => true }],
        }),
      ],
    })
    class TwoServers {}
    return bootApp(TwoServers, adapter);
  };

  it.each<[string, string | string[], string]>([
    ['https://a.example/mcp', 'https://b.example/mcp', 'https://b.example/mcp'],
    [
      'https://a.example/mcp',
      'https://a.example/mcp/',
      'https://a.example/mcp/',
    ],
    ['https://a.example', 'https://b.example/', 'https://b.example/'],
    [
      'https://a.example/mcp',
      ['https://b.example/two', 'https://b.example/mcp'],
      'https://b.example/mcp',
    ],
  ])(
    'stops the application where two would be at one path: %s and %j (RFC 9728 3.1)',
    async (one, two, other) => {
      await expect(twoServers(one, two)).rejects.toThrow(
        `auth.resource of two servers is "${one}" and "${other}"`,
      );
    },
  );

  it('stops the application where a name has the path of a server without one', async () => {
    await expect(
      twoServers(undefined, 'https://b.example/one'),
    ).rejects.toThrow(
      'auth.resource of two servers is "http://localhost/one" and "https://b.example/one"',
    );
  });

  it('stops the application where McpModule and McpAuthModule have one name', async () => {
    @Module({
      imports: [
        McpModule.forRoot({
          auth: { verifier: issuer.verifier, resource: RESOURCE },
        }),
        McpAuthModule.forRoot({
          verifier: issuer.verifier,
          resource: RESOURCE,
        }),
        NotesModule,
      ],
    })
    class OneName {}
    await expect(bootApp(OneName, adapter)).rejects.toThrow(
      `auth.resource of two servers is "${RESOURCE}" and "${RESOURCE}"`,
    );
  });

  it('of a name is at its path, also where the endpoint of another server is there', async () => {
    const swapped = ['https://x.example/two', 'https://x.example/one'] as const;
    booted = await twoServers(...swapped);
    for (const name of swapped) {
      const { pathname } = new URL(name);
      expect((await documentAt(`${ROOT}${pathname}`))['resource']).toBe(name);
    }
    expect((await challengeAt('/one'))['resource_metadata']).toBe(
      `https://x.example${ROOT}/two`,
    );
  });

  it('of a server beside ordinary routes has the root, where that is its name', async () => {
    @Module({
      imports: [
        McpAuthModule.forRoot({
          verifier: issuer.verifier,
          resource: 'https://api.example.com/v1',
        }),
        McpModule.forRoot({
          auth: {
            verifier: issuer.verifier,
            resource: 'https://mcp.example.com',
          },
        }),
        NotesModule,
      ],
    })
    class ServerAndRoutes {}
    booted = await bootApp(ServerAndRoutes, adapter);
    expect((await documentAt(ROOT))['resource']).toBe(
      'https://mcp.example.com',
    );
    expect((await documentAt(`${ROOT}/v1`))['resource']).toBe(
      'https://api.example.com/v1',
    );
  });

  it('of a server leaves the paths of one whose guards alone decide to it', async () => {
    booted = await twoServers('https://b.example/two', undefined, {
      verifier: false,
    });
    expect((await documentAt(`${ROOT}/two`))['resource']).toBe(
      'https://b.example/two',
    );
  });

  it('is absent where no issuer is known, and the challenge does not name it', async () => {
    await boot({ verifier: new ScriptedVerifier(() => null) });
    expect((await get(`${ROOT}/mcp`)).status).toBe(404);
    expect((await get(ROOT)).status).toBe(404);
    expect(await challengeAt('/mcp')).toEqual({});
  });

  it('is absent on an open server', async () => {
    booted = await bootProtected(adapter, false, {
      imports: [],
      mcp: { expose: 'all' },
    });
    expect((await get(`${ROOT}/mcp`)).status).toBe(404);
    expect((await get(ROOT)).status).toBe(404);
  });
});
