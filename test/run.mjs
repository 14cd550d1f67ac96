// The tests.
//
//   npm test                                  all: the main run, then the slow parts
//   npm test -- -w 1 test/foo.e2e-spec.ts     one run of Jest with these arguments
//   npm run test:browser                      the specs that need Chromium
//   npm run test:pack                         the packed library in fresh applications
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countOf, PARTS, sumOf, wholeRunOf } from './whole-run.mjs';

const args = process.argv.slice(2);
if (args[0] === '--part') {
  const [, part, ...options] = args;
  process.exitCode = jest([...PARTS[part], ...options]);
} else {
  const whole = wholeRunOf(args);
  process.exitCode = whole ? runAll(whole) : jest(args);
}

/** @returns the exit code */
function runAll({ flags, outputFile }) {
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-mcp-test-'));
  try {
    let exitCode = 0;
    const results = Object.entries(PARTS).map(([part, choice]) => {
      const file = join(folder, `${part}.json`);
      console.log(`\n== ${part}`);
      const status = jest([
        ...choice,
        ...flags,
        '--json',
        '--outputFile',
        file,
      ]);
      exitCode ||= status;
      return existsSync(file)
        ? JSON.parse(readFileSync(file, 'utf8'))
        : undefined;
    });
    const sum = sumOf(results);
    if (outputFile) {
      writeFileSync(outputFile, JSON.stringify(sum));
    }
    console.log(`\nAll parts: ${countOf(sum)}`);
    return exitCode;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs Jest; a part that a signal ends has failed. */
function jest(args) {
  const { status } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', ...args],
    { stdio: 'inherit' },
  );
  return status ?? 1;
}
