/** Emitted for every scenario, whatever it is about. */
const FOR_ALL = 'wire-schema-valid';

/** Statuses of checks that are notes, and neither good nor bad. */
const NOTES = ['INFO'];

/**
 * What is wrong with a scenario, or nothing. Stricter than the suite, which
 * ticks off scenarios that warn, and those that have checked nothing at all.
 *
 * @param checks of its `checks.json`; undefined where it did not run
 */
export function faultsOf(checks) {
  if (checks === undefined) {
    return ['it did not run'];
  }
  const faults = checks
    .filter(({ status }) => status !== 'SUCCESS' && !NOTES.includes(status))
    .map(
      ({ id, status, errorMessage }) =>
        `${status} ${id}: ${errorMessage ?? 'no message'}`,
    );
  const hasOwn = checks.some(
    ({ id, status }) => status === 'SUCCESS' && id !== FOR_ALL,
  );
  return faults.length > 0 || hasOwn ? faults : ['it checked nothing'];
}

/** The outcome of some scenarios: how many there are, and what is wrong. */
export function verdictOf(scenarios, checks) {
  const faults = scenarios
    .map((name) => ({ name, faults: faultsOf(checks.get(name)) }))
    .filter((scenario) => scenario.faults.length > 0);
  return {
    total: scenarios.length,
    passed: scenarios.length - faults.length,
    faults,
  };
}
