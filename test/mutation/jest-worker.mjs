// Runs spec files one after the other, in one process: most of the time a
// mutant takes is otherwise spent on starting Jest.
import { runCLI } from '@jest/core';

const root = process.cwd();

process.once('disconnect', () => process.exit());
process.on('message', async (/** @type {string} */ spec) => {
  const { results } = await runCLI(
    {
      $0: 'jest',
      _: [spec],
      runTestsByPath: true,
      runInBand: true,
      silent: true,
      watchman: false,
      // Well above what any test here takes; a mutant must not hang for longer.
      testTimeout: 10_000,
      cacheDirectory: `${root}/.jest-cache`,
      reporters: [],
    },
    [root],
  );
  process.send({ passed: results.success && results.numPassedTests > 0 });
});
