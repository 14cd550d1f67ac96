import { jest } from '@jest/globals';
import { AccessToken } from '../../auth/token/access-token.js';
import { whenExpired } from './stream-tokens.js';

const DAY = 86_400_000;

const tokenFor = (milliseconds: number, clockTolerance = 0): AccessToken =>
  new AccessToken({
    token: 't',
    expiresAt: new Date(Date.now() + milliseconds),
    clockTolerance,
  });

describe('the wait for the end of a token', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('lasts as long as the token, beyond what a timer can wait', () => {
    const ended = jest.fn();
    whenExpired(tokenFor(60 * DAY), ended);
    jest.advanceTimersByTime(60 * DAY - 1);
    expect(ended).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1000);
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it('lasts as long as the verifier would take the token', () => {
    const ended = jest.fn();
    whenExpired(tokenFor(1000, 5), ended);
    jest.advanceTimersByTime(5900);
    expect(ended).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1100);
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it('is over at once for one that has expired', () => {
    const ended = jest.fn();
    whenExpired(tokenFor(-1000), ended);
    jest.advanceTimersByTime(1);
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it('never ends for nobody, nor for a token without end', () => {
    const ended = jest.fn();
    whenExpired(null, ended);
    whenExpired(new AccessToken({ token: 't' }), ended);
    jest.advanceTimersByTime(400 * DAY);
    expect(ended).not.toHaveBeenCalled();
  });

  it('can be given up', () => {
    const ended = jest.fn();
    whenExpired(tokenFor(1000), ended)();
    jest.advanceTimersByTime(10_000);
    expect(ended).not.toHaveBeenCalled();
  });
});
