import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import {
  browserAvailable,
  launchBrowser,
  seriousFindings,
  VIEWPORTS,
} from '../support/browser.js';
import { freePort } from '../support/free-port.js';
import {
  startUpstreamProvider,
  UPSTREAM_CLIENT,
  type UpstreamServer,
} from '../support/upstream-provider.js';

/** Where to keep pictures of the pages, for people to look at; none are kept by default. */
const PICTURES = process.env['PICTURES'];

// Chromium starts, and draws.
jest.setTimeout(60_000);

const suite = browserAvailable() ? describe : describe.skip;
const title = browserAvailable()
  ? 'logging in with a real browser'
  : 'logging in with a real browser, skipped: there is no Chromium (CHROMIUM names one)';

suite(title, () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** The program that wants to be allowed in; its page hands some codes on. */
  let program: Server;
  /** Where it hands them to, as a desktop program's own scheme would be. */
  let desktop: Server;
  let origin: string;
  let client: HandClient;

  beforeAll(async () => {
    browser = await launchBrowser();
    desktop = createServer((_request, response) => response.end('Handed on.'));
    const further = await listen(desktop);
    program = createServer(({ url = '' }, response) => {
      const isHandedOn = url.startsWith('/client-callback/further');
      response.writeHead(isHandedOn ? 302 : 200, {
        ...(isHandedOn && { location: `${further}${url}` }),
      });
      response.end('Logged in.');
    });
    origin = await listen(program);
  });
  afterEach(() => context?.close());
  afterAll(async () => {
    await browser?.close();
    program?.close();
    desktop?.close();
  });

  const open = async (
    server: Issuing,
    viewport: keyof typeof VIEWPORTS,
    callback = '/client-callback',
  ): Promise<void> => {
    client = new HandClient(
      server.issuer,
      server.endpoint,
      `${origin}${callback}`,
    );
    await client.register({ client_name: 'Notebook' });
    context = await browser.newContext({ viewport: VIEWPORTS[viewport] });
    page = await context.newPage();
    await page.goto(client.authorizationUrl().href);
  };

  const picture = async (name: string): Promise<void> => {
    if (PICTURES) {
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: `${PICTURES}/${name}.png` });
    }
  };

  const isBackAtProgram = (): Promise<void> =>
    page.waitForURL(`${origin}/client-callback?**`);

  describe.each(['desktop', 'phone'] as const)('on a %s', (viewport) => {
    describe('at the server itself', () => {
      let server: Issuing;

      beforeAll(async () => {
        server = await bootIssuing('express', {
          lifetimes: { consent: 3600 },
          scopeDescriptions: { 'notes:write': 'Add and change notes' },
        });
      });
      afterAll(() => server?.close());

      it('leads by mouse or finger from the login to the program', async () => {
        await open(server, viewport);
        expect(await seriousFindings(page)).toEqual([]);
        await picture(`${viewport}-login`);
        await page.getByLabel('User name').fill('ada');
        await page.getByLabel('Password').fill('wrong');
        await page.getByRole('button').click();
        expect(await page.getByRole('alert').textContent()).toBeTruthy();
        expect(await seriousFindings(page)).toEqual([]);
        await picture(`${viewport}-login-failed`);
        await page.getByLabel('User name').fill('ada');
        await page.getByLabel('Password').fill('secret');
        await page.getByRole('button').click();
        await page.getByRole('button', { name: 'Allow' }).waitFor();
        const text = await page.locator('main').innerText();
        for (const word of [
          'Notebook',
          'notes:read',
          'Add and change notes – notes:write',
          'The great ada',
          new URL(origin).host,
        ]) {
          expect(text).toContain(word);
        }
        expect(await seriousFindings(page)).toEqual([]);
        await picture(`${viewport}-consent`);
        await page.getByRole('button', { name: 'Allow' }).click();
        await isBackAtProgram();
        const code = new URL(page.url()).searchParams.get('code') ?? '';
        expect((await client.token({ code })).status).toBe(200);
      });

      it('leads by keyboard alone from the login to the program', async () => {
        await open(server, viewport);
        await page.keyboard.type('ada');
        await page.keyboard.press('Tab');
        await page.keyboard.type('secret');
        await page.keyboard.press('Enter');
        const allow = page.getByRole('button', { name: 'Allow' });
        await allow.waitFor();
        for (let steps = 0; steps < 10; steps += 1) {
          if (await allow.evaluate((it) => it.matches(':focus'))) {
            break;
          }
          await page.keyboard.press('Tab');
        }
        await page.keyboard.press('Enter');
        await isBackAtProgram();
      });

      it('tells the program when the person does not agree', async () => {
        await open(server, viewport);
        await page.getByLabel('User name').fill('ada');
        await page.getByLabel('Password').fill('secret');
        await page.getByRole('button').click();
        await page.getByRole('button', { name: 'Deny' }).click();
        await isBackAtProgram();
        expect(new URL(page.url()).searchParams.get('error')).toBe(
          'access_denied',
        );
      });

      it('leads to a program whose page leads on to another place, with consent and without', async () => {
        await open(server, viewport, '/client-callback/further');
        const logIn = async (): Promise<void> => {
          await page.getByLabel('User name').fill('mary');
          await page.getByLabel('Password').fill('secret');
          await page.getByRole('button').click();
        };
        await logIn();
        await page.getByRole('checkbox').check();
        await page.getByRole('button', { name: 'Allow' }).click();
        await page.getByText('Handed on.').waitFor();
        await page.goto('about:blank');
        await page.goto(client.authorizationUrl({ prompt: 'login' }).href);
        await logIn();
        await page.getByText('Handed on.').waitFor();
      });

      it('has a link where the browser does not go on by itself', async () => {
        await open(server, viewport);
        await page.getByLabel('User name').fill('ada');
        await page.getByLabel('Password').fill('secret');
        await page.route('**/oauth/interaction/**', async (route) => {
          const response = await route.fetch({ maxRedirects: 0 });
          const { refresh: _refresh, ...headers } = response.headers();
          await route.fulfill({ response, headers });
        });
        await page.getByRole('button').click();
        await page.getByText('One moment').first().waitFor();
        expect(await seriousFindings(page)).toEqual([]);
        await picture(`${viewport}-forward`);
        await page.getByRole('link').click();
        await page.getByRole('button', { name: 'Allow' }).waitFor();
      });

      it('goes through without a page where the consent is remembered', async () => {
        await open(server, viewport);
        await page.getByLabel('User name').fill('grace');
        await page.getByLabel('Password').fill('secret');
        await page.getByRole('button').click();
        await page.getByRole('checkbox').check();
        await page.getByRole('button', { name: 'Allow' }).click();
        await isBackAtProgram();
        // Typed in, or opened by a program: no other site has a part in it.
        await page.goto('about:blank');
        await page.goto(client.authorizationUrl().href);
        await isBackAtProgram();
        // A link on a page elsewhere is asked about.
        await page.evaluate(
          `location.href = ${JSON.stringify(client.authorizationUrl().href)}`,
        );
        await page.getByRole('button', { name: 'Allow' }).waitFor();
      });
    });

    describe('at an identity provider', () => {
      let server: Issuing;
      let upstream: UpstreamServer;

      beforeAll(async () => {
        const port = await freePort();
        upstream = await startUpstreamProvider([
          `http://127.0.0.1:${port}/oauth/callback`,
        ]);
        server = await bootIssuing(
          'fastify',
          {
            upstream: {
              ...UPSTREAM_CLIENT,
              issuer: upstream.issuer,
              name: 'Contoso',
            },
          },
          { port },
        );
      });
      afterAll(async () => {
        await server?.close();
        await upstream?.close();
      });

      it('asks first, then leads there and back to the program', async () => {
        await open(server, viewport);
        expect(await page.locator('main').innerText()).toContain('Contoso');
        expect(await seriousFindings(page)).toEqual([]);
        await picture(`${viewport}-consent-provider`);
        await page.getByRole('button', { name: 'Allow' }).click();
        await page.waitForURL(`${upstream.issuer}/**`);
        await page.locator('[name=login]').fill('ada');
        await page.locator('[name=password]').fill('any');
        await page.getByRole('button').first().click();
        await page.getByRole('button', { name: /continue/i }).click();
        await isBackAtProgram();
        const code = new URL(page.url()).searchParams.get('code') ?? '';
        expect((await client.token({ code })).status).toBe(200);
      });
    });
  });
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
