import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { McpSecurityEvents, type McpSecurityEvent } from '../../lib/index.js';
import type { LoginLimitOptions } from '../../lib/authorization-server/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
  TestLogin,
} from '../support/authorization-server.js';
import { type Page, PageBrowser } from '../support/page-browser.js';

/** Counts how often somebody looked. */
class CountingLogin extends TestLogin {
  looked = 0;

  override login(form: Parameters<TestLogin['login']>[0]) {
    this.looked += 1;
    return super.login(form);
  }
}

const WRONG = { username: 'ada', password: 'wrong' };
const RIGHT = { username: 'ada', password: 'secret' };

describe.each(MAIN_TWO)('guessing passwords on %s', (adapter) => {
  let server: Issuing;
  let client: HandClient;
  let login: CountingLogin;
  let events: McpSecurityEvent[];

  afterEach(() => server?.close());

  async function boot(loginLimits?: LoginLimitOptions): Promise<void> {
    login = new CountingLogin();
    server = await bootIssuing(adapter, {
      login,
      ...(loginLimits && { loginLimits }),
    });
    client = new HandClient(server.issuer, server.endpoint);
    await client.register();
    events = [];
    server.app
      .get(McpSecurityEvents, { strict: false })
      .stream.subscribe((event) => events.push(event));
  }

  const loginPage = (browser: PageBrowser): Promise<Page> =>
    browser.open(client.authorizationUrl());

  it('ends a login after ten failures, each of them an event', async () => {
    await boot();
    const browser = new PageBrowser();
    const page = await loginPage(browser);
    for (let failure = 1; failure < 10; failure += 1) {
      const again = await browser.submit(page, WRONG);
      expect(again.status).toBe(401);
      expect(again.html).toContain('name="password"');
    }
    const last = await browser.submit(page, WRONG);
    expect(last.status).toBe(403);
    expect(last.html).toContain('this login has ended');
    // The right one comes too late for this page.
    const late = await browser.submit(page, RIGHT);
    expect(late.status).toBe(400);
    expect(login.looked).toBe(10);
    const account = createHash('sha256').update('ada').digest('hex');
    expect(events).toEqual(
      Array.from({ length: 10 }, (_, index) => ({
        type: 'login_failed',
        reason: index < 9 ? 'credentials' : 'ended',
        clientId: client.clientId,
        issuer: server.issuer,
        address: expect.stringContaining('127.0.0.1'),
        accountDigest: account,
      })),
    );
    expect(JSON.stringify(events)).not.toMatch(/wrong|secret/);
  });

  it('looks at no more than ten of a hundred that come at once', async () => {
    await boot();
    const browser = new PageBrowser();
    const page = await loginPage(browser);
    const pages = await Promise.all(
      Array.from({ length: 100 }, () => browser.submit(page, WRONG)),
    );
    // One more may be let through when the first wait is over.
    expect(login.looked).toBeLessThanOrEqual(11);
    expect(pages.every(({ status }) => status >= 400)).toBe(true);
  });

  it('slows an account down over many logins, and lets the person in after the wait', async () => {
    await boot({ maxFailures: 3 });
    for (let failure = 0; failure < 3; failure += 1) {
      const browser = new PageBrowser();
      await browser.submit(await loginPage(browser), WRONG);
    }
    const browser = new PageBrowser();
    const page = await loginPage(browser);
    // After the free ones, one in each wait.
    expect((await browser.submit(page, WRONG)).status).toBe(401);
    const slowed = await browser.submit(page, {
      ...RIGHT,
      username: ' ADA ',
    });
    expect(slowed.status).toBe(429);
    expect(slowed.headers.get('retry-after')).toBe('2');
    expect(slowed.html).toContain(
      'There were too many attempts. Wait 2 seconds, and try again.',
    );
    expect(slowed.html).toContain('name="password"');
    expect(login.looked).toBe(4);
    expect(events.at(-1)).toMatchObject({
      type: 'login_failed',
      reason: 'slowed',
    });
    // Another account is not concerned.
    const other = new PageBrowser();
    const bob = await other.submit(await loginPage(other), {
      username: 'bob',
      password: 'secret',
    });
    expect(bob.status).toBe(200);

    await pause(2100);
    const page2 = await browser.submit(slowed, RIGHT);
    expect(page2.html).toContain('name="decision"');
    // And what was wrong before is forgotten.
    const next = new PageBrowser();
    const fresh = await loginPage(next);
    expect((await next.submit(fresh, WRONG)).status).toBe(401);
    expect((await next.submit(fresh, RIGHT)).html).toContain('decision');
  });

  it('slows an address down that tries many accounts', async () => {
    await boot({ maxFailuresPerAddress: 4 });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      const browser = new PageBrowser();
      const page = await browser.submit(await loginPage(browser), {
        username: `person-${attempt}`,
        password: 'wrong',
      });
      statuses.push(page.status);
    }
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.slice(5)).toContain(429);
  });

  it('counts nothing where nobody could judge', async () => {
    await boot({ maxFailures: 2 });
    login.login = () => Promise.reject(new Error('the directory is down'));
    const browser = new PageBrowser();
    const page = await loginPage(browser);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect((await browser.submit(page, RIGHT)).status).toBe(500);
    }
    expect(events).toEqual([]);
  });

  it.each([
    [{ maxFailures: 0 }, 'authorizationServer.loginLimits.maxFailures is 0'],
    [{ window: 1.5 }, 'authorizationServer.loginLimits.window is 1.5'],
  ])('does not start with %j', async (limits, message) => {
    await expect(boot(limits)).rejects.toThrow(message);
  });
});
