import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** A copy of the work tree to be broken at will, with the same `node_modules`. */
export function createSandbox() {
  const root = mkdtempSync(join(tmpdir(), 'mutation-'));
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { encoding: 'utf8' },
  );
  for (const file of listed.split('\0')) {
    if (file !== '' && existsSync(file)) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      copyFileSync(file, join(root, file));
    }
  }
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  const remove = () => rmSync(root, { recursive: true, force: true });
  process.once('exit', remove);
  return { root, remove };
}
