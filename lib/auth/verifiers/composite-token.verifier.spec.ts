import { VerifierUnavailableError } from '../token/token.errors.js';
import { CompositeTokenVerifier } from './composite-token.verifier.js';
import { StaticTokenVerifier } from './static-token.verifier.js';
import {
  TokenVerifier,
  type AudienceBinding,
  type VerifyContext,
} from './token-verifier.js';
import { weakestAudience } from './audience-rule.js';

class Member extends TokenVerifier {
  asked: (VerifyContext | undefined)[] = [];
  prepared = 0;
  override issuers: readonly string[] = [];

  constructor(
    private readonly answer: () => Promise<object | null>,
    override readonly audienceBinding: AudienceBinding = 'construction',
    override readonly requiredScopes: readonly string[] = [],
  ) {
    super();
  }

  override verify(_token: string, context?: VerifyContext) {
    this.asked.push(context);
    return this.answer() as Promise<Record<string, unknown> | null>;
  }

  override prepare() {
    this.prepared += 1;
    return Promise.resolve();
  }
}

const says = (sub: string) => new Member(() => Promise.resolve({ sub }));
const refuses = () => new Member(() => Promise.resolve(null));
const throws = () => new Member(() => Promise.reject(new Error('a bad token')));
const isDown = (message = 'down') =>
  new Member(() => Promise.reject(new VerifierUnavailableError(message)));

describe('CompositeTokenVerifier', () => {
  it('asks in order, and the first that accepts decides', async () => {
    const [first, second, third] = [refuses(), says('b'), says('c')] as const;
    const all = new CompositeTokenVerifier([first, second, third]);
    expect(await all.verify('t')).toMatchObject({ token: 't', subject: 'b' });
    expect([first, second, third].map(({ asked }) => asked.length)).toEqual([
      1, 1, 0,
    ]);
  });

  it('goes on where one throws for a bad token', async () => {
    const all = new CompositeTokenVerifier([throws(), says('b')]);
    expect(await all.verify('t')).toMatchObject({ subject: 'b' });
  });

  it('goes on where one cannot be reached', async () => {
    const all = new CompositeTokenVerifier([isDown(), says('b')]);
    expect(await all.verify('t')).toMatchObject({ subject: 'b' });
  });

  it('refuses where all do', async () => {
    const all = new CompositeTokenVerifier([refuses(), throws()]);
    expect(await all.verify('t')).toBeNull();
  });

  it.each([
    [() => [isDown('first'), refuses()]],
    [() => [throws(), isDown('first'), isDown('second')]],
  ])(
    'answers with the outage where none accepts and one could not be asked (%#)',
    async (members) => {
      const all = new CompositeTokenVerifier(members());
      await expect(all.verify('t')).rejects.toMatchObject({
        name: 'VerifierUnavailableError',
        message: 'first',
      });
    },
  );

  it('passes on what is known of the request', async () => {
    const member = says('a');
    const context = { audience: ['api'], tokenType: 'api_key' };
    const all = new CompositeTokenVerifier([member]);
    expect(await all.verify('t', context)).toMatchObject({
      tokenType: 'api_key',
    });
    expect(member.asked).toEqual([context]);
  });

  it('compares the audience of plain claims from a member that binds by claim', async () => {
    const bound = new Member(
      () => Promise.resolve({ sub: 'a', aud: 'api' }),
      'claim',
    );
    const all = new CompositeTokenVerifier([bound]);
    expect(await all.verify('t', { audience: ['api'] })).not.toBeNull();
    expect(await all.verify('t', { audience: ['b'] })).toBeNull();
    expect(await all.verify('t')).toBeNull();
  });

  it.each<[AudienceBinding[], AudienceBinding]>([
    [['construction'], 'construction'],
    [['construction', 'claim'], 'claim'],
    [['claim', 'waived', 'construction'], 'waived'],
    [['waived', 'none', 'claim'], 'none'],
  ])('with members bound by %j is bound by %s', (bindings, weakest) => {
    const members = bindings.map(
      (binding) => new Member(async () => null, binding),
    );
    expect(new CompositeTokenVerifier(members).audienceBinding).toBe(weakest);
  });

  it('is bound by nothing where nothing tells', () => {
    expect(weakestAudience([])).toBe('none');
  });

  it('requires the scopes of all members, each once', () => {
    const members = [['a', 'b'], ['b', 'c'], []].map(
      (scopes) => new Member(async () => null, 'claim', scopes),
    );
    expect(new CompositeTokenVerifier(members).requiredScopes).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('takes a member that has verify alone for unbound', async () => {
    const bare = { verify: async () => ({ sub: 'a' }) } as unknown;
    const all = new CompositeTokenVerifier([bare as TokenVerifier]);
    await all.prepare();
    expect(all.audienceBinding).toBe('none');
    expect(all.requiredScopes).toStrictEqual([]);
    expect(all.issuers).toStrictEqual([]);
    expect(all.accepts).toStrictEqual([]);
    expect(await all.verify('t')).toMatchObject({ subject: 'a' });
  });

  it('prepares its members', async () => {
    const members = [says('a'), says('b')];
    await new CompositeTokenVerifier(members).prepare();
    expect(members.map(({ prepared }) => prepared)).toEqual([1, 1]);
  });

  it('has the issuers of its members, each once, as they are prepared', async () => {
    const members = [['https://a'], ['https://b', 'https://a']].map(
      (issuers) => {
        const member = refuses();
        member.prepare = () => {
          member.issuers = issuers;
          return Promise.resolve();
        };
        return member;
      },
    );
    const all = new CompositeTokenVerifier(members);
    await all.prepare();
    expect(all.issuers).toEqual(['https://a', 'https://b']);
  });

  it('accepts what each of its members does', () => {
    const [first, second] = [refuses(), says('b')].map((member, index) =>
      Object.defineProperty(member, 'accepts', {
        value: [{ issuer: `https://${index}` }],
      }),
    );
    expect(new CompositeTokenVerifier([first!, second!]).accepts).toEqual([
      { issuer: 'https://0' },
      { issuer: 'https://1' },
    ]);
  });

  it('does not start without members', () => {
    expect(() => new CompositeTokenVerifier([])).toThrow('is empty');
  });

  it('is not changed by its list', async () => {
    const list: TokenVerifier[] = [new StaticTokenVerifier(['a'])];
    const all = new CompositeTokenVerifier(list);
    list.push(says('eve'));
    expect(await all.verify('x')).toBeNull();
  });
});
