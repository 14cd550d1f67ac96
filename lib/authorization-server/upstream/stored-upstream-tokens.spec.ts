import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../../../test/support/frozen-time.js';
import type { UpstreamTokenSet } from '../../auth/issuer/upstream-tokens.js';
import { MemoryOAuthStore } from '../storage/memory.store.js';
import { Sealer } from '../../secrets/sealer.js';
import type { UpstreamSource } from './upstream.provider.js';
import { StoredUpstreamTokens } from './stored-upstream-tokens.js';
import {
  UpstreamProvider,
  UpstreamRefusedError,
  UpstreamUnavailableError,
} from './upstream.provider.js';

const LIFETIME = 3600;
const SECRET = 'a-secret-of-32-characters-and-more-of-them';

/** Renews as a test tells it to; the refresh token is replaced each time. */
class ScriptedProvider extends UpstreamProvider {
  override readonly name = 'Scripted';
  readonly refreshed: string[] = [];
  answer: () => Promise<void> | void = () => undefined;

  override prepare = () => Promise.resolve();
  override authorizationUrl = () => Promise.reject(new Error('not used'));
  override redeem = () => Promise.reject(new Error('not used'));

  override async refresh(
    { refreshToken }: UpstreamTokenSet,
    subject: string,
  ): Promise<UpstreamTokenSet> {
    this.refreshed.push(`${subject} ${refreshToken}`);
    await this.answer();
    const n = this.refreshed.length;
    return tokens({ accessToken: `new-${n}`, refreshToken: `refresh-${n}` });
  }
}

/** A store whose content can be looked through. */
class OpenStore extends MemoryOAuthStore {
  readonly written: [string, unknown, number | undefined][] = [];

  override set(key: string, value: unknown, lifetime?: number): Promise<void> {
    this.written.push([key, value, lifetime]);
    return super.set(key, value, lifetime);
  }
}

const now = () => Math.floor(Date.now() / 1000);

/** Tokens that hold for ten minutes, with these changed. */
function tokens(changes: Partial<UpstreamTokenSet> = {}): UpstreamTokenSet {
  return {
    accessToken: 'first',
    refreshToken: 'refresh-0',
    expiresAt: now() + 600,
    ...changes,
  };
}

let provider: ScriptedProvider;
let store: OpenStore;
let source: UpstreamSource;
let upstream: StoredUpstreamTokens;

beforeEach(() => {
  freezeTime(Date.UTC(2026, 0, 1));
  provider = new ScriptedProvider();
  store = new OpenStore();
  source = {
    issuer: 'https://api.example.com',
    provider,
    store,
    sealer: new Sealer([SECRET], 'upstream'),
    tokenLifetime: LIFETIME,
  };
  upstream = instance();
});
afterEach(releaseTime);

/** One of several processes on the same store. */
function instance(): StoredUpstreamTokens {
  return new StoredUpstreamTokens(() => source);
}

describe('the token of a person', () => {
  it('is null before a login and after the end, else as it was issued', async () => {
    await expect(upstream.get('ada')).resolves.toBeNull();
    await upstream.put('ada', tokens());
    await expect(upstream.get('ada')).resolves.toBe('first');
    await expect(upstream.get('bob')).resolves.toBeNull();
    await expect(upstream.get(undefined)).resolves.toBeNull();
    await upstream.delete('ada');
    await expect(upstream.get('ada')).resolves.toBeNull();
    expect(provider.refreshed).toEqual([]);
  });

  it('is null, and nothing is kept, without an identity provider', async () => {
    const none = new StoredUpstreamTokens(() => undefined);
    await none.put('ada', tokens());
    await none.delete('ada');
    await expect(none.get('ada')).resolves.toBeNull();
  });

  it('follows a provider that is bound later', async () => {
    let bound: UpstreamSource | undefined;
    const early = new StoredUpstreamTokens(() => bound);
    await expect(early.get('ada')).resolves.toBeNull();
    bound = source;
    await early.put('ada', tokens());
    await expect(early.get('ada')).resolves.toBe('first');
  });

  it('is kept sealed, under a hash, for the lifetime', async () => {
    await upstream.put('ada', tokens());
    const [[key, value, lifetime] = []] = store.written;
    expect(key).toMatch(/^upstream:tokens:[\w-]{43}$/);
    expect(lifetime).toBe(LIFETIME);
    const text = Buffer.from(String(value).split('.')[3]!, 'base64url');
    expect(`${String(value)}${text.toString('latin1')}`).not.toMatch(
      /first|refresh-0|ada/,
    );
    passSeconds(LIFETIME + 1);
    await expect(upstream.get('ada')).resolves.toBeNull();
    expect(provider.refreshed).toEqual([]);
  });

  it('is kept no longer than it holds where nothing renews it', async () => {
    await upstream.put('ada', tokens({ refreshToken: undefined }));
    expect(store.written[0]?.[2]).toBe(600);
    passSeconds(590);
    await expect(upstream.get('ada')).resolves.toBe('first');
    passSeconds(11);
    await expect(upstream.get('ada')).resolves.toBeNull();
    expect(provider.refreshed).toEqual([]);
  });

  it('holds on where the provider does not say for how long', async () => {
    await upstream.put('ada', tokens({ expiresAt: undefined }));
    passSeconds(LIFETIME - 1);
    await expect(upstream.get('ada')).resolves.toBe('first');
    expect(provider.refreshed).toEqual([]);
  });

  it('is that of one server, also where several share a store', async () => {
    await upstream.put('ada', tokens());
    const other = { ...source, issuer: 'https://other.example.com' };
    await expect(
      new StoredUpstreamTokens(() => other).get('ada'),
    ).resolves.toBeNull();
  });

  it('is not read where somebody moved it to another person', async () => {
    await upstream.put('ada', tokens());
    await upstream.put('bob', tokens({ accessToken: 'of-bob' }));
    const [ofAda, ofBob] = store.written;
    await store.set(ofBob![0], ofAda![1]);
    await expect(upstream.get('bob')).resolves.toBeNull();
  });
});

describe('a token that expires within a minute', () => {
  beforeEach(async () => {
    await upstream.put('ada', tokens());
    passSeconds(541);
  });

  it('is renewed, and the new one kept with its refresh token', async () => {
    await expect(upstream.get('ada')).resolves.toBe('new-1');
    await expect(upstream.get('ada')).resolves.toBe('new-1');
    expect(provider.refreshed).toEqual(['ada refresh-0']);
    passSeconds(541);
    await expect(upstream.get('ada')).resolves.toBe('new-2');
    expect(provider.refreshed[1]).toBe('ada refresh-1');
  });

  it('is renewed by one request for all who ask', async () => {
    const all = await Promise.all(
      Array.from({ length: 50 }, () => upstream.get('ada')),
    );
    expect(new Set(all)).toEqual(new Set(['new-1']));
    expect(provider.refreshed).toHaveLength(1);
  });

  it('is renewed apart from those of others', async () => {
    await upstream.put('bob', tokens({ expiresAt: now() + 10 }));
    await Promise.all([upstream.get('ada'), upstream.get('bob')]);
    expect(provider.refreshed.sort()).toEqual([
      'ada refresh-0',
      'bob refresh-0',
    ]);
  });

  it('goes on being used in an outage, until it expires', async () => {
    provider.answer = () => {
      throw new UpstreamUnavailableError('down');
    };
    await expect(upstream.get('ada')).resolves.toBe('first');
    passSeconds(60);
    await expect(upstream.get('ada')).rejects.toBeInstanceOf(
      UpstreamUnavailableError,
    );
    provider.answer = () => undefined;
    await expect(upstream.get('ada')).resolves.toMatch(/^new-/);
  });

  it('is gone once the provider refuses to renew it', async () => {
    provider.answer = () => {
      throw new UpstreamRefusedError('no');
    };
    await expect(upstream.get('ada')).resolves.toBeNull();
    await expect(upstream.get('ada')).resolves.toBeNull();
    expect(provider.refreshed).toHaveLength(1);
    expect(store.written.at(-1)?.[2]).toBe(60);
    await upstream.put('ada', tokens({ accessToken: 'again' }));
    await expect(upstream.get('ada')).resolves.toBe('again');
  });
});

describe('while a token is renewed', () => {
  beforeEach(() => upstream.put('ada', tokens({ expiresAt: now() + 10 })));

  it('a new login wins', async () => {
    provider.answer = () =>
      upstream.put('ada', tokens({ accessToken: 'login' }));
    await expect(upstream.get('ada')).resolves.toBe('login');
    await expect(upstream.get('ada')).resolves.toBe('login');
  });

  it('a new login wins over a refusal, too', async () => {
    provider.answer = async () => {
      await upstream.put('ada', tokens({ accessToken: 'login' }));
      throw new UpstreamRefusedError('rotated');
    };
    await expect(upstream.get('ada')).resolves.toBe('login');
  });

  it('what is forgotten stays forgotten', async () => {
    provider.answer = () => upstream.delete('ada');
    await expect(upstream.get('ada')).resolves.toBeNull();
    await expect(upstream.get('ada')).resolves.toBeNull();
  });

  it('another instance whose refresh was refused takes the new one', async () => {
    const other = instance();
    let isFirst = true;
    provider.answer = async () => {
      if (isFirst) {
        isFirst = false;
        // The other comes to its end in the meantime.
        await other.get('ada');
        throw new UpstreamRefusedError('refresh token was used before');
      }
    };
    await expect(upstream.get('ada')).resolves.toBe('new-2');
    await expect(other.get('ada')).resolves.toBe('new-2');
  });

  it('another instance that is refused first does not undo it', async () => {
    const other = instance();
    let isFirst = true;
    provider.answer = async () => {
      if (isFirst) {
        isFirst = false;
        await expect(other.get('ada')).resolves.toBeNull();
      } else {
        throw new UpstreamRefusedError('refresh token was used before');
      }
    };
    await expect(upstream.get('ada')).resolves.toMatch(/^new-/);
    await expect(other.get('ada')).resolves.toMatch(/^new-/);
  });
});
