import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../../../test/support/frozen-time.js';
import { RegistrationLimits } from './registration.limits.js';

beforeEach(() => freezeTime(0));
afterEach(() => releaseTime());

describe('RegistrationLimits', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['192.0.2.1', '::ffff:192.0.2.1', true],
    ['2001:db8:1:2::1', '2001:DB8:1:2:ffff:ffff:ffff:ffff', true],
    ['2001:db8::1', '2001:db8:0:0:9::', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['1::2:3:4:5:6:7', '1:0:2:3::', true],
    ['::1', '::2', true],
  ])('count %s and %s as one: %s', (first, second, isOne) => {
    const limits = new RegistrationLimits({
      maxPerHour: false,
      maxPerHourAndAddress: 1,
    });
    expect(limits.admit(first)).toBeUndefined();
    expect(limits.admit(second) !== undefined).toBe(isOne);
  });

  it('hold in total, whoever comes, and tell how long', () => {
    const limits = new RegistrationLimits({
      maxPerHour: 2,
      maxPerHourAndAddress: false,
    });
    expect(limits.admit('a')).toBeUndefined();
    passSeconds(100);
    expect(limits.admit('b')).toBeUndefined();
    expect(limits.admit('c')).toBe(3500);
    limits.giveBack('b');
    expect(limits.admit('c')).toBeUndefined();
    passSeconds(3500);
    expect(limits.admit('d')).toBeUndefined();
  });
});
