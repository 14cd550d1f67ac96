import { parseArgs } from 'node:util';

const PACK = 'test/pack/';
const BROWSER = 'test/authorization-server/(browser|pages)\\.e2e-spec\\.ts$';

/**
 * The parts of a whole run, in their order: what runs on every core, then one
 * after the other what is slow enough to get in the way of everything else.
 */
export const PARTS = {
  main: ['--testPathIgnorePatterns', '/node_modules/', PACK, BROWSER],
  // One spec at a time: each starts a browser of its own.
  browser: ['--runInBand', '--testPathPatterns', BROWSER],
  pack: ['--runInBand', '--testPathPatterns', PACK],
};

/** Options of Jest that say how to run, not what. */
const HOW = {
  ci: { type: 'boolean' },
  silent: { type: 'boolean' },
  verbose: { type: 'boolean' },
  json: { type: 'boolean' },
  outputFile: { type: 'string' },
};

/**
 * What the arguments of `npm test` ask for: everything, in parts, with the
 * options that each of them gets and the file for the results of all;
 * undefined where they choose tests, or say anything else, which is one run of
 * Jest with these arguments.
 */
export function wholeRunOf(args) {
  let values;
  try {
    ({ values } = parseArgs({ args, options: HOW }));
  } catch {
    return undefined;
  }
  const { json, outputFile, ...flags } = values;
  if (json !== (outputFile !== undefined || undefined)) {
    return undefined;
  }
  return { flags: Object.keys(flags).map((name) => `--${name}`), outputFile };
}

/** The results of all parts as those of one run; a part without any has failed to start. */
export function sumOf(results) {
  const sum = {
    success: true,
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numTotalTests: 0,
    numRuntimeErrorTestSuites: 0,
    testResults: [],
  };
  for (const result of results) {
    if (!result) {
      sum.numRuntimeErrorTestSuites += 1;
      sum.success = false;
      continue;
    }
    for (const [name, value] of Object.entries(result)) {
      if (name in sum && name !== 'success' && name !== 'testResults') {
        sum[name] += value;
      }
    }
    sum.success &&= result.success;
    sum.testResults.push(...result.testResults);
  }
  return sum;
}

/** One line that counts what a run came to; a suite that could not start counts as one failure. */
export function countOf(run) {
  const failed = run.numFailedTests + run.numRuntimeErrorTestSuites;
  const skipped = run.numPendingTests + run.numTodoTests;
  return (
    `${run.numPassedTests} passed, ${failed} failed` +
    (skipped ? `, ${skipped} skipped` : '')
  );
}
