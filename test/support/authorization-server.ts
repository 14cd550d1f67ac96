import { createHash, randomBytes } from 'node:crypto';
import {
  Injectable,
  Module,
  type DynamicModule,
  type Type,
} from '@nestjs/common';
import {
  McpModule,
  type McpAuthOptions,
  type McpModuleExtras,
  type McpModuleOptions,
} from '../../lib/index.js';
import {
  type AuthorizationServerOptions,
  type LoggedIn,
  type LoginForm,
  LoginService,
} from '../../lib/authorization-server/index.js';
import { NotesModule } from '../fixtures/auth/notes.controller.js';
import type { AdapterName } from './adapters.js';
import { bootApp, type BootedApp, type BootOptions } from './boot-app.js';
import { freePort } from './free-port.js';
import { type Page, PageBrowser } from './page-browser.js';

/** People of the tests: each one's password is "secret". */
@Injectable()
export class TestLogin extends LoginService {
  login({ username = '', password }: LoginForm): Promise<LoggedIn | null> {
    return Promise.resolve(
      password === 'secret'
        ? { subject: username, displayName: `The great ${username}` }
        : null,
    );
  }
}

/** What a test may set beside `authorizationServer`. */
export interface IssuingOptions extends BootOptions {
  readonly auth?: McpAuthOptions;
  readonly mcp?: McpModuleOptions & McpModuleExtras;
  readonly imports?: readonly (Type<unknown> | DynamicModule)[];
}

/** A booted server that issues its own tokens. */
export interface Issuing extends BootedApp {
  readonly endpoint: string;
  readonly issuer: string;
}

/** Boots an MCP server with an authorization server of its own, and the secrets of both. */
export async function bootIssuing(
  adapter: AdapterName,
  {
    secrets,
    ...authorizationServer
  }: AuthorizationServerOptions & Pick<McpModuleOptions, 'secrets'> = {},
  { auth, mcp, imports = [NotesModule], ...options }: IssuingOptions = {},
): Promise<Issuing> {
  const port = options.port ?? (await freePort());
  const issuer = `http://127.0.0.1:${port}`;
  const endpoint = `${issuer}/mcp`;
  @Module({
    imports: [
      McpModule.forRoot({
        name: 'issuing',
        secrets,
        ...mcp,
        auth: {
          resource: endpoint,
          ...auth,
          authorizationServer: {
            ...(!authorizationServer.upstream && { login: new TestLogin() }),
            ...authorizationServer,
          },
        },
      }),
      ...imports,
    ],
  })
  class IssuingApp {}
  const booted = await bootApp(IssuingApp, adapter, { ...options, port });
  return { ...booted, endpoint, issuer };
}

/** A client at work, by hand: every request can be got wrong on purpose. */
export class HandClient {
  readonly verifier = randomBytes(32).toString('base64url');
  readonly redirectUri: string;
  clientId = '';
  clientSecret: string | undefined;

  constructor(
    readonly issuer: string,
    readonly resource: string,
    redirectUri = 'http://127.0.0.1:7777/client-callback',
  ) {
    this.redirectUri = redirectUri;
  }

  async register(metadata: object = {}): Promise<Response> {
    const response = await fetch(`${this.issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'Hand client',
        redirect_uris: [this.redirectUri],
        token_endpoint_auth_method: 'none',
        ...metadata,
      }),
    });
    const body = (await response.clone().json()) as {
      client_id?: string;
      client_secret?: string;
    };
    this.clientId = body.client_id ?? '';
    this.clientSecret = body.client_secret;
    return response;
  }

  authorizationUrl(parameters: Record<string, string | undefined> = {}): URL {
    const url = new URL(`${this.issuer}/oauth/authorize`);
    const all: Record<string, string | undefined> = {
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: this.redirectUri,
      state: 'state-of-client',
      code_challenge: createHash('sha256')
        .update(this.verifier)
        .digest('base64url'),
      code_challenge_method: 'S256',
      resource: this.resource,
      ...parameters,
    };
    for (const [name, value] of Object.entries(all)) {
      if (value !== undefined) {
        url.searchParams.set(name, value);
      }
    }
    return url;
  }

  /** Redeems a code, or does something else at the token endpoint. */
  token(
    parameters: Record<string, string | undefined>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const form = new URLSearchParams();
    const all: Record<string, string | undefined> = {
      grant_type: 'authorization_code',
      client_id: this.clientId,
      ...(!headers['authorization'] && {
        client_secret: this.clientSecret,
      }),
      ...('refresh_token' in parameters
        ? { grant_type: 'refresh_token' }
        : { code_verifier: this.verifier, redirect_uri: this.redirectUri }),
      ...parameters,
    };
    for (const [name, value] of Object.entries(all)) {
      if (value !== undefined) {
        form.set(name, value);
      }
    }
    return fetch(`${this.issuer}/oauth/token`, {
      method: 'POST',
      body: form,
      headers,
    });
  }

  /** Registers, logs a person in with consent, and returns the code. */
  async logIn(
    browser: PageBrowser,
    { scope, username = 'ada' }: { scope?: string; username?: string } = {},
  ): Promise<string> {
    if (this.clientId === '') {
      await this.register();
    }
    const page = await browser.open(this.authorizationUrl({ scope }));
    const end = await agree(browser, page, username);
    return end.url.searchParams.get('code') ?? '';
  }
}

/** Goes through whatever pages come, as a person who agrees. */
export async function agree(
  browser: PageBrowser,
  first: Page,
  username = 'ada',
): Promise<Page> {
  let page = first;
  for (let step = 0; step < 5 && page.status !== 0; step += 1) {
    if (page.html.includes('name="password"')) {
      page = await browser.submit(page, { username, password: 'secret' });
    } else if (page.html.includes('name="decision"')) {
      page = await browser.submit(page, { decision: 'allow' });
    } else {
      break;
    }
  }
  return page;
}
