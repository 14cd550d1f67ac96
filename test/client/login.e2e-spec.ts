import { Module } from '@nestjs/common';
import {
  AuthorizationCodeAuth,
  type AuthorizationCodeAuthOptions,
  McpClientModule,
  McpClients,
  McpInsufficientScopeError,
  McpLoginRequiredError,
  McpUnauthorizedError,
} from '../../lib/client/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import {
  agree,
  bootIssuing,
  type Issuing,
} from '../support/authorization-server.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { freePort } from '../support/free-port.js';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../support/frozen-time.js';
import { PageBrowser } from '../support/page-browser.js';

/** The user of a request is whom the header names. */
const userOf = (request: { headers: Record<string, string | undefined> }) =>
  request.headers['x-user'];

/** An application whose users log in at a server. */
interface Calling extends BootedApp {
  as(user: string): ReturnType<ReturnType<McpClients['get']>['forCaller']>;
  /** Comes back from a login, as a browser of that user. */
  comeBack(url: URL, user?: string): Promise<Response>;
}

let server: Issuing;
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  server = await bootIssuing(
    'express',
    {},
    {
      ...UNHELD,
      auth: { requiredScopes: ['notes:read'], hideUnauthorized: false },
    },
  );
});
afterEach(async () => {
  releaseTime();
  await Promise.all(open.splice(0).map((one) => one.close()));
  await server.close();
});

async function bootCalling(
  adapter: (typeof MAIN_TWO)[number] = 'express',
  options: Partial<AuthorizationCodeAuthOptions> = {},
): Promise<Calling> {
  const port = await freePort();
  const auth = new AuthorizationCodeAuth({
    redirectUri: `http://127.0.0.1:${port}/client-callback/mcp`,
    ...options,
  });
  @Module({
    imports: [
      McpClientModule.forRoot({
        servers: { notes: { url: server.endpoint, auth } },
      }),
    ],
    controllers: [auth.controller({ userOf })],
  })
  class CallingModule {}
  const booted = await bootApp(CallingModule, adapter, { ...UNHELD, port });
  open.push(booted);
  return {
    ...booted,
    as: (user) => booted.app.get(McpClients).get('notes').forCaller({ user }),
    comeBack: (url, user) =>
      fetch(url, { headers: user === undefined ? {} : { 'x-user': user } }),
  };
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Calls, and finds that a login is needed first. */
async function urlOf(call: Promise<unknown>): Promise<URL> {
  const failure = await failureOf(call);
  expect(failure).toBeInstanceOf(McpLoginRequiredError);
  return new URL((failure as McpLoginRequiredError).authorizationUrl);
}

/** Where the browser of a person ends who agrees to everything. */
async function logIn(url: URL, browser = new PageBrowser()): Promise<URL> {
  const { url: end } = await agree(browser, await browser.open(url));
  expect(end.pathname).toBe('/client-callback/mcp');
  return end;
}

const loggedIn = async (calling: Calling, user: string): Promise<void> => {
  const end = await logIn(await urlOf(calling.as(user).ping()));
  expect((await calling.comeBack(end, user)).status).toBe(200);
};

describe.each(MAIN_TWO)('a login, on %s,', (adapter) => {
  it('is asked for with an URL, and then calls are made for that user alone', async () => {
    const calling = await bootCalling(adapter);
    const url = await urlOf(calling.as('u1').callTool('notes_read'));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${calling.url}/client-callback/mcp`,
      resource: server.endpoint,
      scope: expect.stringContaining('notes:read'),
    });
    const answer = await calling.comeBack(await logIn(url), 'u1');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    const { text } = await calling.as('u1').callTool('notes_read');
    expect(text).toContain('"subject":"ada"');
    await urlOf(calling.as('u2').callTool('notes_read'));
    expect(JSON.stringify(calling.logger)).not.toMatch(/eyJ|code_verifier/);
  });
});

describe('AuthorizationCodeAuth', () => {
  it('has the callers of one user wait for one login', async () => {
    const calling = await bootCalling();
    const urls = await Promise.all(
      Array.from({ length: 10 }, () => urlOf(calling.as('u1').ping())),
    );
    expect(new Set(urls.map(String)).size).toBe(1);
    expect(String(await urlOf(calling.as('u1').ping()))).toBe(String(urls[0]));
    expect(String(await urlOf(calling.as('u2').ping()))).not.toBe(
      String(urls[0]),
    );
  });

  it('refreshes tokens before they end, without the user', async () => {
    const calling = await bootCalling();
    freezeTime(Date.now());
    await loggedIn(calling, 'u1');
    passSeconds(3700);
    const { text } = await calling.as('u1').callTool('notes_read');
    expect(text).toContain('"subject":"ada"');
  });

  it('takes a state once', async () => {
    const calling = await bootCalling();
    const end = await logIn(await urlOf(calling.as('u1').ping()));
    expect((await calling.comeBack(end, 'u1')).status).toBe(200);
    const again = await calling.comeBack(end, 'u1');
    expect(again.status).toBe(400);
    expect(await again.text()).toContain('there is no such login');
    await calling.as('u1').ping();
  });

  it.each([
    ['another user', 'u2', 'there is no such login'],
    ['nobody', undefined, 'nobody is logged in'],
  ])('takes a login from who began it, and not %s', async (_who, user, why) => {
    const calling = await bootCalling();
    const end = await logIn(await urlOf(calling.as('u1').ping()));
    const answer = await calling.comeBack(end, user);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(why);
    for (const one of ['u1', 'u2']) {
      await urlOf(calling.as(one).ping());
    }
  });

  it('takes no login after its time', async () => {
    const calling = await bootCalling('express', { loginTimeout: 20_000 });
    freezeTime(Date.now());
    const end = await logIn(await urlOf(calling.as('u1').ping()));
    passSeconds(21);
    const answer = await calling.comeBack(end, 'u1');
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('it is over');
  });

  it.each([
    ['of another issuer', 'https://evil.example'],
    ['without the issuer that it should have', undefined],
  ])('takes no answer %s', async (_which, iss) => {
    const calling = await bootCalling();
    const end = await logIn(await urlOf(calling.as('u1').ping()));
    end.searchParams.delete('iss');
    if (iss !== undefined) {
      end.searchParams.set('iss', iss);
    }
    const answer = await calling.comeBack(end, 'u1');
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('not from the issuer');
    await urlOf(calling.as('u1').ping());
  });

  it.each(['state', 'code', 'iss'])('takes no second %s', async (name) => {
    const calling = await bootCalling();
    const end = await logIn(await urlOf(calling.as('u1').ping()));
    end.searchParams.append(name, 'x');
    const answer = await calling.comeBack(end, 'u1');
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(`${name} is there twice`);
  });

  it('says that a user did not agree, and asks again at the next call', async () => {
    const calling = await bootCalling();
    const browser = new PageBrowser();
    const url = await urlOf(calling.as('u1').ping());
    const consent = await browser.submit(await browser.open(url), {
      username: 'ada',
      password: 'secret',
    });
    const { url: end } = await browser.submit(consent, { decision: 'deny' });
    const answer = await calling.comeBack(end, 'u1');
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('access_denied');
    expect(String(await urlOf(calling.as('u1').ping()))).not.toBe(String(url));
  });

  it('keeps a code that was not given for its login out of messages', async () => {
    const calling = await bootCalling();
    const end = await logIn(await urlOf(calling.as('u1').ping()));
    end.searchParams.set('code', 'stolen-code');
    const answer = await calling.comeBack(end, 'u1');
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(text).toContain('invalid_grant');
    expect(text).not.toContain('stolen-code');
  });

  it('asks the user for the scopes that a tool wants beside those of before', async () => {
    const calling = await bootCalling();
    await loggedIn(calling, 'u1');
    const call = () => calling.as('u1').callTool('notes_write', { text: 'a' });
    const url = await urlOf(call());
    expect(url.searchParams.get('scope')?.split(' ')).toEqual(
      expect.arrayContaining(['notes:read', 'notes:write']),
    );
    const end = await logIn(url);
    expect((await calling.comeBack(end, 'u1')).status).toBe(200);
    expect((await call()).text).toContain('"text":"a"');
  });

  it('asks a user once for scopes that the server goes on to miss', async () => {
    const calling = await bootCalling();
    await loggedIn(calling, 'u1');
    const call = () =>
      calling.as('u1').callTool('notes_asserted', { scopes: 'notes:drop' });
    const end = await logIn(await urlOf(call()));
    expect((await calling.comeBack(end, 'u1')).status).toBe(200);
    const failure = await failureOf(call());
    expect(failure).toBeInstanceOf(McpInsufficientScopeError);
  });

  it('calls for a user alone', async () => {
    const calling = await bootCalling();
    const failure = await failureOf(
      calling.app.get(McpClients).get('notes').ping(),
    );
    expect(failure).toBeInstanceOf(McpUnauthorizedError);
    expect(failure).not.toBeInstanceOf(McpLoginRequiredError);
    expect(String(failure)).toContain('forCaller({ user })');
  });

  it('serves the document of the client where it has one', async () => {
    const auth = new AuthorizationCodeAuth({
      redirectUri: 'https://shop.example/login/callback',
      clientMetadataUrl: 'https://shop.example/login/client.json',
      clientName: 'Shop',
    });
    @Module({ controllers: [auth.controller({ userOf, returnTo: '/home' })] })
    class ShopModule {}
    const booted = await bootApp(ShopModule, 'fastify');
    open.push(booted);
    const document = await fetch(`${booted.url}/login/client.json`);
    expect(document.headers.get('content-type')).toContain('application/json');
    expect(await document.json()).toMatchObject({
      client_id: 'https://shop.example/login/client.json',
      client_name: 'Shop',
      redirect_uris: ['https://shop.example/login/callback'],
      token_endpoint_auth_method: 'none',
    });
  });

  it.each([
    [{ redirectUri: 'http://shop.example/cb' }, 'redirectUri is'],
    [{ redirectUri: 'https://shop.example/cb?a=b' }, 'redirectUri is'],
    [{ clientSecret: 'a' }, 'clientSecret without clientId'],
    [{ clientMetadataUrl: 'https://shop.example' }, 'clientMetadataUrl is'],
    [
      { clientId: 'a', clientMetadataUrl: 'https://shop.example/c' },
      'clientId and clientMetadataUrl',
    ],
    [{ loginTimeout: 0 }, 'loginTimeout is 0'],
    [{ scopes: 'a' }, 'Did you mean scope?'],
  ])('refuses %j', (options, message) => {
    expect(
      () =>
        new AuthorizationCodeAuth({
          redirectUri: 'https://shop.example/cb',
          ...(options as object),
        }),
    ).toThrow(message);
  });
});
