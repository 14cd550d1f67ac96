import { onEveryStorage } from '../../../test/support/oauth-storages.js';
import { MemoryOAuthStore } from '../storage/memory.store.js';
import { LoginLimits } from './login.limits.js';
import { placeOf } from '../endpoints/oauth.request.js';

const LIMITS = {
  maxFailures: 3,
  maxFailuresPerAccount: 5,
  maxFailuresPerAddress: 8,
  window: 60,
};

let people = 0;
/** Each test has accounts and addresses of its own. */
const fresh = (): string => `nobody-${++people}`;

/** Attempts at once, and how many of them were let through. */
async function admitted(
  limits: readonly LoginLimits[],
  origins: readonly { account: string; address: string }[],
): Promise<number> {
  const waits = await Promise.all(
    origins.map((origin, index) =>
      limits[index % limits.length]!.admit(origin),
    ),
  );
  return waits.filter((wait) => wait === 0).length;
}

onEveryStorage((storage) => {
  const instances = (): LoginLimits[] =>
    storage().stores.map((store) => new LoginLimits(store, LIMITS));

  // Without a database that counts in one step, each instance counts for itself.
  const perInstance = (): number =>
    storage().stores[0].constructor.name === 'KeyvOAuthStore'
      ? storage().stores.length
      : 1;

  it('counts attempts at once as failures, for all instances together', async () => {
    const origin = { account: fresh(), address: fresh() };
    const count = await admitted(
      instances(),
      Array.from({ length: 40 }, () => origin),
    );
    // The free ones, and the one that the first wait lets through.
    expect(count).toBeGreaterThanOrEqual(4);
    expect(count).toBeLessThanOrEqual(4 * perInstance());
  });

  it('forgives what was right', async () => {
    const [limits] = instances() as [LoginLimits];
    const origin = { account: fresh(), address: fresh() };
    for (let attempt = 0; attempt < 20; attempt += 1) {
      expect(await limits.admit(origin)).toBe(0);
      await limits.succeed(origin);
    }
  });
});

describe('LoginLimits', () => {
  let limits: LoginLimits;

  beforeEach(() => {
    limits = new LoginLimits(new MemoryOAuthStore(), LIMITS);
  });

  it('waits longer with each failure, and never for ever', async () => {
    const origin = { account: fresh(), address: fresh() };
    for (let attempt = 0; attempt < 4; attempt += 1) {
      expect(await limits.admit(origin)).toBe(0);
    }
    expect(await limits.admit(origin)).toBe(2);
    // What is refused is no failure.
    expect(await limits.admit(origin)).toBe(2);
  });

  it('keeps nobody out of their account whose address is known, whatever strangers do', async () => {
    const account = fresh();
    const home = { account, address: fresh() };
    await limits.admit(home);
    await limits.succeed(home);
    const strangers = Array.from({ length: 50 }, () => ({
      account,
      address: fresh(),
    }));
    expect(await admitted([limits], strangers)).toBeLessThanOrEqual(6);
    expect(await limits.admit({ account, address: fresh() })).toBeGreaterThan(
      0,
    );
    expect(await limits.admit(home)).toBe(0);
  });

  it('slows one address down over many accounts', async () => {
    const address = fresh();
    const origins = Array.from({ length: 50 }, () => ({
      account: fresh(),
      address,
    }));
    expect(await admitted([limits], origins)).toBe(9);
    expect(await limits.admit({ account: fresh(), address: fresh() })).toBe(0);
  });
});

describe('placeOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
    ['unknown', 'unknown'],
  ])('makes %s into %s', (address, place) => {
    expect(placeOf(address)).toBe(place);
  });
});
