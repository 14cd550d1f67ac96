import { jest } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { DefaultAuthorizationPages } from '../../lib/authorization-server/login/page.responder.js';
import {
  browserAvailable,
  launchBrowser,
  seriousFindings,
  VIEWPORTS,
} from '../support/browser.js';
import {
  startLoopbackServer,
  type LoopbackServer,
} from '../support/loopback-server.js';
import { until } from '../support/until.js';

const pages = new DefaultAuthorizationPages();
const form = {
  nonce: 'bm9uY2U',
  serverName: 'Atlas',
  csrf: 'csrf-1',
  clientName: 'Claude',
};
const login = {
  ...form,
  failed: false,
  fields: [
    { name: 'username', label: 'User name', autocomplete: 'username' },
    { name: 'password', label: 'Password', type: 'password' as const },
  ],
};
const consent = {
  ...form,
  redirectHost: 'claude.ai',
  isLoopback: false,
  scopes: ['atlas:read', 'atlas:write'],
  displayName: 'Ada Lovelace',
  canRemember: true,
};
const CONTENT: Record<string, string> = {
  '/login': pages.login(login),
  '/login-failed': pages.login({ ...login, failed: true }),
  '/consent': pages.consent(consent),
  '/consent-loopback': pages.consent({
    ...consent,
    redirectHost: '127.0.0.1',
    isLoopback: true,
    providerName: 'Contoso',
    displayName: undefined,
  }),
  '/consent-long': pages.consent({
    ...consent,
    clientName: 'W'.repeat(200),
    redirectHost: `${'sub.'.repeat(40)}example.com`,
    displayName: 'M'.repeat(100),
    scopes: ['x'.repeat(120), 'y'],
  }),
  '/error': pages.error({
    ...form,
    title: 'This login has ended',
    message: 'Go back to the program, and connect again.',
  }),
};
/** What the server answers with: all that the pages may do is be styled and posted. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'nonce-${form.nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
};

// Chromium starts, and draws.
jest.setTimeout(60_000);

const [withBrowser, title] = browserAvailable()
  ? [describe, 'the default authorization pages in Chromium']
  : [
      describe.skip,
      'the default authorization pages are not looked at: there is no Chromium',
    ];

withBrowser(title, () => {
  let server: LoopbackServer;
  let browser: Browser;
  let context: BrowserContext | undefined;

  beforeAll(async () => {
    server = await startLoopbackServer();
    for (const [path, text] of Object.entries(CONTENT)) {
      server.routes.set(path, { text, headers: HEADERS });
    }
    browser = await launchBrowser();
  });
  afterEach(async () => {
    await context?.close();
    server.requests.length = 0;
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** A browser window; the test fails where the policy stops something. */
  async function open(
    path: string,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<Page> {
    context = await browser.newContext({
      viewport: VIEWPORTS.desktop,
      ...options,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(server.origin + path);
    expect(complaints).toEqual([]);
    return page;
  }

  const focused = (page: Page) =>
    page.evaluate(() => {
      const { activeElement } = (globalThis as unknown as DocumentHolder)
        .document;
      return activeElement?.value || activeElement?.name || 'nothing';
    });

  const bodies = () =>
    server.requests
      .filter(({ method }) => method === 'POST')
      .map(({ path, body }) => `${path} ${body}`);

  describe.each(Object.keys(VIEWPORTS) as (keyof typeof VIEWPORTS)[])(
    'on a %s',
    (viewport) => {
      it.each(
        Object.keys(CONTENT).flatMap((path) =>
          (['light', 'dark'] as const).map(
            (colorScheme) => [path, colorScheme] as const,
          ),
        ),
      )('%s in %s has no serious finding, and fits', async (path, scheme) => {
        const page = await open(path, {
          viewport: VIEWPORTS[viewport],
          colorScheme: scheme,
        });
        expect(await seriousFindings(page)).toEqual([]);
        const { scrollWidth, background, small } = await page.evaluate(look);
        expect(scrollWidth).toBeLessThanOrEqual(VIEWPORTS[viewport].width);
        // Styled at all, and for the scheme.
        expect(background > 128).toBe(scheme === 'light');
        // Targets for fingers are 44 pixels high.
        expect(small).toEqual([]);
      });
    },
  );

  it('logs in by keyboard alone', async () => {
    const page = await open('/login');
    expect(await focused(page)).toBe('username');
    await page.keyboard.type('ada');
    await page.keyboard.press('Tab');
    await page.keyboard.type('lovelace & co');
    await page.keyboard.press('Enter');
    await until(() => bodies().length > 0);
    expect(bodies()).toEqual([
      '/login csrf=csrf-1&username=ada&password=lovelace+%26+co',
    ]);
  });

  it('goes from field to field to the button, and shows where it is', async () => {
    const page = await open('/login-failed');
    expect(await page.getByRole('alert').innerText()).toContain('try again');
    expect(
      await page.getByLabel('User name').getAttribute('aria-describedby'),
    ).toBe(await page.getByRole('alert').getAttribute('id'));
    const seen = [await focused(page)];
    for (let count = 0; count < 2; count++) {
      await page.keyboard.press('Tab');
      seen.push(await focused(page));
      expect(await page.evaluate(outlineOfFocused)).toMatch(/^solid [2-9]/);
    }
    expect(seen).toEqual(['username', 'password', 'nothing']);
    expect(await page.locator(':focus').innerText()).toBe('Log in');
  });

  it.each([
    { tabs: 2, keys: ['Enter'], posted: 'csrf=csrf-1&decision=deny' },
    { tabs: 3, keys: ['Enter'], posted: 'csrf=csrf-1&decision=allow' },
    { tabs: 3, keys: ['Space'], posted: 'csrf=csrf-1&decision=allow' },
    {
      tabs: 1,
      keys: ['Space', 'Tab', 'Tab', 'Enter'],
      posted: 'csrf=csrf-1&remember=yes&decision=allow',
    },
  ])('decides by keyboard alone: $posted', async ({ tabs, keys, posted }) => {
    const page = await open('/consent');
    for (let count = 0; count < tabs; count++) {
      await page.keyboard.press('Tab');
    }
    for (const key of keys) {
      await page.keyboard.press(key);
    }
    await until(() => bodies().length > 0);
    expect(bodies()).toEqual([`/consent ${posted}`]);
  });

  it('shows both decisions alike', async () => {
    const page = await open('/consent', { viewport: VIEWPORTS.phone });
    const [deny, allow] = await Promise.all(
      ['Deny', 'Allow'].map((name) =>
        page.getByRole('button', { name }).evaluate(lookOf),
      ),
    );
    expect(deny).toEqual(allow);
    expect(deny).toMatchObject({ height: 44 });
  });

  it('describes the button that allows a program of the computer itself', async () => {
    const page = await open('/consent-loopback');
    const warning = page.getByText('Any program on your computer');
    expect(await warning.isVisible()).toBe(true);
    expect(
      await page
        .getByRole('button', { name: 'Allow' })
        .getAttribute('aria-describedby'),
    ).toBe('warning');
  });

  it('makes nothing of markup in a client name but text', async () => {
    const name = '"><img src=/x onerror=alert(1)><script>alert(1)</script>';
    server.routes.set('/attack', {
      text: pages.consent({ ...consent, clientName: name, scopes: [name] }),
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
    const page = await open('/attack');
    expect(await page.locator('img, script').count()).toBe(0);
    expect(await page.locator('li').innerText()).toBe(name);
    expect(server.count('/x')).toBe(0);
  });
});

// Of the browser's world, which the compiler does not know here.
interface DocumentHolder {
  readonly document: {
    readonly documentElement: { readonly scrollWidth: number };
    readonly body: object;
    readonly activeElement: {
      readonly name?: string;
      readonly value?: string;
    } | null;
    querySelectorAll(selector: string): Iterable<ElementLike>;
  };
  getComputedStyle(element: object): Record<string, string>;
}
interface ElementLike {
  readonly outerHTML: string;
  getBoundingClientRect(): { readonly width: number; readonly height: number };
}

/** Runs in the page. */
function look() {
  const { document, getComputedStyle } =
    globalThis as unknown as DocumentHolder;
  const color = getComputedStyle(document.body)['backgroundColor'] ?? '';
  return {
    scrollWidth: document.documentElement.scrollWidth,
    background: Number(/\d+/.exec(color)?.[0]),
    small: [...document.querySelectorAll('button, .field input, .remember')]
      .filter((element) => element.getBoundingClientRect().height < 44)
      .map((element) => element.outerHTML),
  };
}

/** Runs in the page. */
function outlineOfFocused() {
  const { document, getComputedStyle } =
    globalThis as unknown as DocumentHolder;
  const style = document.activeElement
    ? getComputedStyle(document.activeElement)
    : {};
  return `${style['outlineStyle']} ${style['outlineWidth']}`;
}

/** Runs in the page. */
function lookOf(element: object) {
  const { getComputedStyle } = globalThis as unknown as DocumentHolder;
  const style = getComputedStyle(element);
  const { width, height } = (element as ElementLike).getBoundingClientRect();
  return {
    width,
    height,
    font: style['font'],
    color: style['color'],
    background: style['backgroundColor'],
  };
}
