import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Which spec files reach which lines of the sources, and how long each takes.
 *
 * @throws Error where a spec file fails before anything is changed
 */
export function measure(root, specs, sources) {
  return specs.map((spec) => {
    const started = Date.now();
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--no-warnings',
        'node_modules/jest/bin/jest.js',
        '--runInBand',
        '--silent',
        '--forceExit',
        '--coverage',
        '--coverageReporters=json',
        `--cacheDirectory=${join(root, '.jest-cache')}`,
        ...sources.map((source) => `--collectCoverageFrom=${source}`),
        '--runTestsByPath',
        spec,
      ],
      { cwd: root, encoding: 'utf8', timeout: 180_000 },
    );
    if (status !== 0) {
      console.error(stderr);
      throw new Error(`${spec} fails with nothing changed`);
    }
    const report = JSON.parse(
      readFileSync(join(root, 'coverage/coverage-final.json'), 'utf8'),
    );
    const files = new Map(
      Object.values(report).map((file) => [relative(root, file.path), file]),
    );
    return {
      spec,
      duration: Date.now() - started,
      reaches: ({ file, line }) => reaches(files.get(file), line),
    };
  });
}

/** By the shortest statement that the line is part of; lines outside of any run as the file is loaded. */
function reaches(file, line) {
  if (!file) {
    return false;
  }
  const around = Object.entries(file.statementMap)
    .filter(([, { start, end }]) => start.line <= line && line <= end.line)
    .map(([id, { start, end }]) => ({
      hits: file.s[id],
      height: end.line - start.line,
    }));
  const least = Math.min(...around.map(({ height }) => height));
  return around.length === 0
    ? Object.values(file.s).some((hits) => hits > 0)
    : around.some(({ hits, height }) => height === least && hits > 0);
}
