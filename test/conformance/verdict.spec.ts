import { faultsOf, verdictOf } from './verdict.mjs';

const good = { id: 'ping', status: 'SUCCESS' };
const note = { id: 'event', status: 'INFO' };
const schema = { id: 'wire-schema-valid', status: 'SUCCESS' };

describe('the verdict on a scenario', () => {
  it('finds no fault where a check of its own passes', () => {
    expect(faultsOf([note, good, schema])).toEqual([]);
  });

  it.each(['FAILURE', 'WARNING', 'SKIPPED'])('is bad for one %s', (status) => {
    const bad = { id: 'pong', status, errorMessage: 'Silence' };
    expect(faultsOf([good, bad])).toEqual([`${status} pong: Silence`]);
  });

  it.each([
    ['no check', []],
    ['notes', [note]],
    ['the check that all scenarios have', [schema]],
  ])('is bad for %s alone', (_what, checks) => {
    expect(faultsOf(checks)).toEqual(['it checked nothing']);
  });

  it('is bad where it did not run', () => {
    const verdict = verdictOf(['ping', 'list'], new Map([['ping', [good]]]));
    expect(verdict).toEqual({
      total: 2,
      passed: 1,
      faults: [{ name: 'list', faults: ['it did not run'] }],
    });
  });
});
