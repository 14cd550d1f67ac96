import { UpstreamTokens } from '../../lib/authorization-server/index.js';
import type { HandClient, Issuing } from './authorization-server.js';
import type { FakeUpstream } from './fake-upstream.js';
import { type Page, PageBrowser } from './page-browser.js';

/** A login that has got as far as the identity provider, which a test plays. */
export class UpstreamLogin {
  private constructor(
    private readonly upstream: FakeUpstream,
    readonly browser: PageBrowser,
    /** Where the browser was sent to. */
    readonly asked: URL,
  ) {}

  /** Has a person agree to the client, and go to the provider. */
  static async begin(
    upstream: FakeUpstream,
    client: HandClient,
    browser = new PageBrowser(),
  ): Promise<UpstreamLogin> {
    const page = await UpstreamLogin.consent(client, browser);
    if (page.status !== 404 || page.url.origin !== upstream.origin) {
      throw new Error(`${page.status} from ${page.url.href}: ${page.html}`);
    }
    return new UpstreamLogin(upstream, browser, page.url);
  }

  /** Has a person agree to the client, whatever comes of it. */
  static async consent(
    client: HandClient,
    browser = new PageBrowser(),
  ): Promise<Page> {
    if (client.clientId === '') {
      await client.register();
    }
    const page = await browser.open(client.authorizationUrl());
    return browser.submit(page, { decision: 'allow' });
  }

  get state(): string {
    return this.asked.searchParams.get('state') ?? '';
  }

  /** Has the provider issue tokens for this login. */
  async issue(
    claims: Record<string, unknown> = {},
    changes: Record<string, unknown> = {},
  ): Promise<void> {
    const nonce = this.asked.searchParams.get('nonce') ?? '';
    const { upstream } = this;
    upstream.issue(
      await upstream.key.sign(upstream.claims({ nonce, ...claims })),
      changes,
    );
  }

  /** The URL that the provider sends the browser back to. */
  callback(parameters: Record<string, string> = {}): URL {
    const url = new URL(this.asked.searchParams.get('redirect_uri') ?? '');
    url.search = new URLSearchParams({
      code: 'upstream-code',
      state: this.state,
      iss: this.upstream.issuer,
      ...parameters,
    }).toString();
    return url;
  }

  /** Comes back, as browsers do: from another site. */
  comeBack(
    parameters: Record<string, string> = {},
    browser = this.browser,
  ): Promise<Page> {
    return browser.open(this.callback(parameters), {
      'sec-fetch-site': 'cross-site',
    });
  }
}

/** The provider's token of a person, as the application gets it. */
export function upstreamTokenOf(
  { app }: Issuing,
  subject: string,
): Promise<string | null> {
  return app.get(UpstreamTokens, { strict: false }).get(subject);
}
