import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { LoggedIn } from '../../auth/issuer/login.service.js';
import type { UpstreamOptions } from '../../auth/issuer/upstream-options.interface.js';
import type { UpstreamTokens } from '../../auth/issuer/upstream-tokens.js';
import { OAuthUpstream } from './oauth.upstream.js';
import { OpenIdUpstream } from './openid.upstream.js';
import { presetOptions, upstreamSettings } from './upstream-settings.js';
import { upstreamKey, type UpstreamSource } from './upstream.provider.js';
import {
  UpstreamRefusedError,
  UpstreamUnavailableError,
  type UpstreamLeg,
  type UpstreamProvider,
} from './upstream.provider.js';

/** Seconds for which a login at the provider may take. */
const LIFETIME = 600;

/** A login that has begun. Its `state` is not kept: whoever brings it back, has it. */
interface PendingLogin extends Omit<UpstreamLeg, 'state'> {
  readonly interaction: string;
  /** Hash of the browser's cookie, in base64url. */
  readonly browser: string;
}

/** A login that is over, in the browser that it began in. */
type FinishedLogin = {
  /** What it was for. */
  readonly interaction: string;
} & (
  | { readonly person: LoggedIn }
  | { readonly failure: UpstreamRefusedError | UpstreamUnavailableError }
);

/** Sends browsers to the identity provider, and takes them back. */
export class UpstreamFlow {
  constructor(
    private readonly source: UpstreamSource,
    private readonly tokens: UpstreamTokens,
  ) {}

  /**
   * Begins a login.
   *
   * @param interaction what the login is for: returned by {@link finish}
   * @param browser secret value of a cookie, which `finish` demands again
   * @returns where the browser is to go
   * @throws UpstreamUnavailableError
   */
  async begin({
    interaction,
    browser,
    redirectUri,
  }: {
    readonly interaction: string;
    readonly browser: string;
    readonly redirectUri: string;
  }): Promise<URL> {
    if (browser === '') {
      throw new Error('browser is empty: any browser could end the login');
    }
    const leg = {
      redirectUri,
      state: secret(),
      nonce: secret(),
      codeVerifier: secret(),
    };
    const url = await this.source.provider.authorizationUrl(leg);
    const { state, ...kept } = leg;
    const key = this.key(state);
    const login: PendingLogin = {
      ...kept,
      interaction,
      browser: digest(browser).toString('base64url'),
    };
    const { store, sealer } = this.source;
    await store.set(key, await sealer.seal(key, login), LIFETIME, 'pending');
    return url;
  }

  /**
   * Ends a login: once, and in the browser that it began in. What began is
   * over in any case. Whoever shows up with the `state` of another browser may
   * have its code as well, which after that nobody can redeem.
   *
   * @param callback URL that the browser came back to, with its query
   * @param browser value of the cookie; undefined where there was none
   * @throws UpstreamRefusedError where it cannot be told what the login was for
   */
  async finish({
    callback,
    browser,
  }: {
    readonly callback: URL;
    readonly browser: string | undefined;
  }): Promise<FinishedLogin> {
    const [state = '', ...others] = callback.searchParams.getAll('state');
    if (state === '' || others.length > 0) {
      throw refused('it has not exactly one state');
    }
    const login = await this.take(state);
    if (!login) {
      throw refused('its state is unknown, has expired or was used before');
    }
    const { interaction, browser: expected, ...leg } = login;
    const isSame = timingSafeEqual(
      digest(browser ?? ''),
      Buffer.from(expected, 'base64url'),
    );
    if (!browser || !isSame) {
      throw refused('it came from another browser than began the login');
    }
    try {
      const { person, tokens } = await this.source.provider.redeem(callback, {
        ...leg,
        state,
      });
      await this.tokens.put(person.subject, tokens);
      return { interaction, person };
    } catch (error) {
      if (
        error instanceof UpstreamRefusedError ||
        error instanceof UpstreamUnavailableError
      ) {
        return { interaction, failure: error };
      }
      throw error;
    }
  }

  private async take(state: string): Promise<PendingLogin | undefined> {
    const key = this.key(state);
    const sealed = await this.source.store.take(key);
    // Sealed, so that nobody else can have written it.
    return (await this.source.sealer.open(key, sealed)) as
      PendingLogin | undefined;
  }

  private key(state: string): string {
    return upstreamKey(this.source, 'login', state);
  }
}

/** 256 bits; as a PKCE verifier, of the length that RFC 7636, section 4.1 recommends. */
function secret(): string {
  return randomBytes(32).toString('base64url');
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}

function refused(reason: string): UpstreamRefusedError {
  return new UpstreamRefusedError(`A callback was refused: ${reason}`);
}

/**
 * The identity provider that the options name.
 *
 * @throws Error naming the option, its value, unless it is secret, and the remedy
 */
export function createUpstream(given: UpstreamOptions): UpstreamProvider {
  const options = presetOptions(given);
  const settings = upstreamSettings(options);
  const { issuer, preset } = options;
  return preset?.oauth
    ? new OAuthUpstream(settings, preset.oauth)
    : new OpenIdUpstream(settings, issuer ?? preset?.issuer);
}
