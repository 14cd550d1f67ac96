import type {
  ConsentView,
  ErrorView,
  LoginView,
} from '../../auth/issuer/authorization.pages.js';
import { DefaultAuthorizationPages } from './page.responder.js';

const pages = new DefaultAuthorizationPages();
const login: LoginView = {
  nonce: 'nonce-1',
  serverName: 'Atlas',
  csrf: 'csrf-1',
  clientName: 'Claude',
  failed: false,
  fields: [
    { name: 'username', label: 'User name', autocomplete: 'username' },
    { name: 'password', label: 'Password', type: 'password' },
  ],
};
const consent: ConsentView = {
  nonce: 'nonce-1',
  serverName: 'Atlas',
  csrf: 'csrf-1',
  clientName: 'Claude',
  redirectHost: 'claude.ai',
  isLoopback: false,
  scopes: ['atlas:read', 'atlas:write'],
  canRemember: true,
};
const error: ErrorView = {
  nonce: 'nonce-1',
  serverName: 'Atlas',
  title: 'This login has ended',
  message: 'Connect again.',
};

const ATTACKS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(1)",
  'javascript:alert(1)',
  '</title></style><svg onload=alert(1)>',
  '${alert(1)}<!--',
];

describe('DefaultAuthorizationPages', () => {
  it.each([
    ['login', pages.login(login)],
    ['login again', pages.login({ ...login, failed: true })],
    ['consent', pages.consent(consent)],
    ['error', pages.error(error)],
  ])('make a whole document without script or link: %s', (_name, page) => {
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(page).toContain('<style nonce="nonce-1">');
    expect(page.match(/<main>/g)).toHaveLength(1);
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page).toContain('name="viewport"');
    // What the policy of the page forbids.
    expect(page).not.toMatch(/<script|<link|\son\w+=|\s(style|src|href)=/i);
    expect(page).not.toContain('action=');
  });

  it.each(ATTACKS)('escape %s in every field of a view', (attack) => {
    const everywhere: Pick<ConsentView, 'nonce' | 'serverName' | 'csrf'> = {
      nonce: attack,
      serverName: attack,
      csrf: attack,
    };
    const made = [
      pages.login({
        ...everywhere,
        clientName: attack,
        failed: true,
        fields: [
          {
            name: attack,
            label: attack,
            type: attack as 'text',
            autocomplete: attack,
          },
        ],
      }),
      pages.consent({
        ...everywhere,
        clientName: attack,
        redirectHost: attack,
        isLoopback: true,
        verifiedHost: attack,
        scopes: [attack],
        providerName: attack,
        displayName: attack,
        canRemember: true,
      }),
      pages.error({ ...everywhere, title: attack, message: attack }),
    ];
    const harmless = [
      pages.login({
        ...login,
        failed: true,
        fields: [{ name: '', label: '' }],
      }),
      pages.consent({
        ...consent,
        scopes: [''],
        isLoopback: true,
        verifiedHost: '',
        providerName: '',
        displayName: '',
      }),
      pages.error(error),
    ];
    // Not one tag, and not one attribute, more than without the attack.
    expect(made.map(structureOf)).toEqual(harmless.map(structureOf));
    expect(made.join('').match(/<[^>]*javascript:/g) ?? []).toEqual(
      (attack.startsWith('javascript:')
        ? made.join('').match(/<(style|input)[^>]*javascript:/g)
        : null) ?? [],
    );
  });

  describe('login', () => {
    it('asks for each field, labelled, the first one in focus', () => {
      const page = flat(pages.login(login));
      expect(page).toContain('<label for="field-0">User name</label>');
      expect(page).toMatch(
        /<input id="field-0" name="username" type="text" autocomplete="username"[^>]* autofocus/,
      );
      expect(page).toMatch(
        /<input id="field-1" name="password" type="password" autocomplete="off"/,
      );
      expect(page.match(/autofocus/g)).toHaveLength(1);
      expect(page).toContain(
        '<input type="hidden" name="csrf" value="csrf-1" />',
      );
      expect(page).toContain('<form method="post">');
      expect(page).not.toContain('role="alert"');
    });

    it('says that the last attempt failed, tied to every field', () => {
      const page = flat(pages.login({ ...login, failed: true }));
      expect(page).toContain('role="alert" id="failed"');
      expect(
        page.match(/aria-invalid="true" aria-describedby="failed"/g),
      ).toHaveLength(2);
    });
  });

  describe('consent', () => {
    it('names client, host, scopes, provider and person', () => {
      const page = flat(
        pages.consent({
          ...consent,
          providerName: 'Contoso',
          displayName: 'Ada',
        }),
      );
      expect(page).toContain('Allow “<bdi>Claude</bdi>”');
      expect(page).toContain('gave itself this name; nobody has checked it');
      expect(page).toContain('<span class="host">claude.ai</span>');
      expect(page).toContain('<code>atlas:read</code>');
      expect(page).toContain('<code>atlas:write</code>');
      expect(page).toContain('<bdi>Contoso</bdi>');
      expect(page).toContain('<bdi>Ada</bdi>');
    });

    it('leaves out what is not known', () => {
      const page = pages.consent(consent);
      expect(page).not.toContain('log in with');
      expect(page).not.toContain('logged in as');
      expect(page).not.toContain('Any program on your computer');
    });

    it('says who publishes a client that is identified', () => {
      const page = pages.consent({ ...consent, verifiedHost: 'app.example' });
      expect(page).toContain('<strong>app.example</strong>');
      expect(page).not.toContain('nobody has checked');
    });

    it('warns of a client that may be any program, at the button too', () => {
      const page = flat(pages.consent({ ...consent, isLoopback: true }));
      expect(page).toContain(
        'Any program on your computer could be behind this.',
      );
      expect(page).toMatch(
        /<button name="decision" value="allow" aria-describedby="warning"/,
      );
    });

    it('says so where no scope is asked for', () => {
      expect(pages.consent({ ...consent, scopes: [] })).toContain(
        'No permission in particular',
      );
    });

    it('denies where Enter is pressed without a choice', () => {
      const [first, second] =
        pages.consent(consent).match(/value="(deny|allow)"/g) ?? [];
      expect([first, second]).toEqual(['value="deny"', 'value="allow"']);
    });

    it('offers to remember only what can be remembered', () => {
      expect(pages.consent(consent)).toContain('name="remember"');
      expect(pages.consent({ ...consent, canRemember: false })).not.toContain(
        'name="remember"',
      );
    });

    it.each([
      ['Claude” by “Example', '“<bdi>Claude by Example</bdi>”'],
      ['evil\u202Egnp.exe\u0000\n', '“<bdi>evil gnp.exe</bdi>”'],
      ['\u200B', '“<bdi>no name</bdi>”'],
      ['𝒳'.repeat(61), `“<bdi>${'𝒳'.repeat(60)}…</bdi>”`],
      ['𝒳'.repeat(60), `“<bdi>${'𝒳'.repeat(60)}</bdi>”`],
    ])('does not let the client name %j lead astray', (clientName, shown) => {
      expect(pages.consent({ ...consent, clientName })).toContain(shown);
    });
  });

  it('tells what went wrong', () => {
    const page = pages.error(error);
    expect(page).toContain('<h1>This login has ended</h1>');
    expect(page).toContain('<p>Connect again.</p>');
    expect(page).toContain('<title>This login has ended – Atlas</title>');
  });
});

/** Tags with the names of their attributes, without any value. */
function structureOf(page: string): string[] {
  return (page.match(/<[^>]*>/g) ?? []).map((tag) =>
    tag.replace(/"[^"]*"/g, '""').replace(/\s+/g, ' '),
  );
}

function flat(page: string): string {
  return page.replace(/\s+/g, ' ');
}
