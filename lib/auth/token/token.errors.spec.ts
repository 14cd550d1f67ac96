import { VerifierUnavailableError } from './token.errors.js';

describe('VerifierUnavailableError', () => {
  it.each([
    [undefined, 5],
    [12, 12],
    [1.2, 2],
    [0, 1],
    [-3, 1],
  ])('turns retryAfter %p into %i whole seconds', (retryAfter, seconds) => {
    const error = new VerifierUnavailableError('down', { retryAfter });
    expect(error.retryAfter).toBe(seconds);
  });

  it('is told from other errors', () => {
    const error = new VerifierUnavailableError('down', { cause: 'why' });
    expect(error).toMatchObject({ message: 'down', cause: 'why' });
    expect(VerifierUnavailableError.is(error)).toBe(true);
    for (const other of [new Error('down'), { retryAfter: 1 }, null]) {
      expect(VerifierUnavailableError.is(other)).toBe(false);
    }
  });
});
