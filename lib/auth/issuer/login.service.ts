/**
 * One field of the login page.
 *
 * @publicApi
 */
export interface LoginField {
  readonly name: string;
  /** Shown to people. */
  readonly label: string;
  /** @default `'text'` */
  readonly type?: 'text' | 'password' | 'email';
  /** Value of the HTML attribute, for password managers. @default `'off'` */
  readonly autocomplete?: string;
}

/**
 * Somebody who has logged in.
 *
 * @publicApi
 */
export interface LoggedIn {
  /** Who it is, for ever: `sub` of the tokens. No personal data, as every client sees it. */
  readonly subject: string;
  /** Shown at the consent page. @default nothing */
  readonly displayName?: string;
}

/**
 * Logs people in. Provide one, or name it in `authorizationServer.login`.
 *
 * ```ts
 * @Injectable()
 * export class PasswordLogin extends LoginService {
 *   constructor(private readonly users: UsersService) { super(); }
 *   async login({ username = '', password = '' }: LoginForm) {
 *     const user = await this.users.check(username, password);
 *     return user && { subject: user.id, displayName: user.name };
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export abstract class LoginService {
  /** What the login page asks for. @default user name and password */
  readonly fields: readonly LoginField[] = [
    { name: 'username', label: 'User name', autocomplete: 'username' },
    {
      name: 'password',
      label: 'Password',
      type: 'password',
      autocomplete: 'current-password',
    },
  ];

  /**
   * Judges what was entered.
   *
   * @returns null for wrong credentials; the page is then shown again
   */
  abstract login(form: LoginForm): Promise<LoggedIn | null>;

  /**
   * Which account an attempt is for, whether there is one or not: failures are
   * counted by it (see `loginLimits`). Override it where one account has several
   * names. @default the field with `autocomplete` of `'username'` or `'email'`,
   * else the first one that is no password; in lower case
   */
  accountOf(form: LoginForm): string {
    const field =
      this.fields.find(({ autocomplete = '' }) =>
        ['username', 'email'].includes(autocomplete),
      ) ?? this.fields.find(({ type }) => type !== 'password');
    return (form[field?.name ?? ''] ?? '')
      .normalize('NFKC')
      .trim()
      .toLowerCase();
  }
}

/**
 * What was entered, by the names of the fields.
 *
 * @publicApi
 */
export type LoginForm = Readonly<Record<string, string>>;
