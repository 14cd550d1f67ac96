import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { countOf, PARTS, sumOf, wholeRunOf } from './whole-run.mjs';

const specs = execFileSync('git', ['ls-files', '-z', 'test'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file.endsWith('spec.ts'));
const chosenBy = (pattern: string | undefined) =>
  specs.filter((file) => new RegExp(pattern ?? '').test(file));

const passed = {
  success: true,
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 0,
  numTotalTests: 6,
  numRuntimeErrorTestSuites: 0,
  testResults: ['a'],
};

describe('npm test', () => {
  it.each([
    { args: [], flags: [], outputFile: undefined },
    { args: ['--ci'], flags: ['--ci'], outputFile: undefined },
    {
      args: ['--ci', '--json', '--outputFile', 'results.json'],
      flags: ['--ci'],
      outputFile: 'results.json',
    },
    {
      args: ['--json', '--outputFile=results.json', '--silent'],
      flags: ['--silent'],
      outputFile: 'results.json',
    },
  ])('runs all parts with the arguments $args', ({ args, ...whole }) => {
    expect(wholeRunOf(args)).toEqual(whole);
  });

  it.each([
    { args: ['test/foo.e2e-spec.ts'] },
    { args: ['-w', '1', 'test/pack'] },
    { args: ['-t', 'a title'] },
    { args: ['--ci', 'lib/auth'] },
    { args: ['--json'] },
    { args: ['--outputFile', 'results.json'] },
    { args: ['--watch'] },
  ])('leaves one run to Jest with the arguments $args', ({ args }) => {
    expect(wholeRunOf(args)).toBeUndefined();
  });

  it('has each spec in one part: those that start Chromium in a part of theirs', () => {
    const [browser, pack] = [
      chosenBy(PARTS.browser.at(-1)),
      chosenBy(PARTS.pack.at(-1)),
    ];
    expect(browser).toEqual(
      specs.filter((file) =>
        /from '.*\/support\/browser\.js'/.test(readFileSync(file, 'utf8')),
      ),
    );
    expect(browser).not.toEqual([]);
    expect(pack).toEqual(specs.filter((file) => file.startsWith('test/pack/')));
    expect(pack).not.toEqual([]);
    expect(PARTS.main).toEqual(
      expect.arrayContaining([PARTS.browser.at(-1), PARTS.pack.at(-1)]),
    );
  });

  it('adds up the results of its parts', () => {
    const failed = {
      ...passed,
      success: false,
      numFailedTests: 2,
      numRuntimeErrorTestSuites: 1,
      testResults: ['b'],
    };
    const sum = sumOf([passed, failed]);
    expect(sum).toEqual({
      success: false,
      numPassedTests: 10,
      numFailedTests: 2,
      numPendingTests: 2,
      numTodoTests: 0,
      numTotalTests: 12,
      numRuntimeErrorTestSuites: 1,
      testResults: ['a', 'b'],
    });
    expect(countOf(sum)).toBe('10 passed, 3 failed, 2 skipped');
  });

  it('fails where a part left no results', () => {
    const sum = sumOf([{ ...passed, numPendingTests: 0 }, undefined]);
    expect(sum.success).toBe(false);
    expect(countOf(sum)).toBe('5 passed, 1 failed');
  });
});
