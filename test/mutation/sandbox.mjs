import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The work tree as it is now, which others may go on changing, with the same `node_modules`. */
export function snapshot() {
  const root = createFolder();
  const files = listFiles();
  for (const file of files) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    copyFileSync(file, join(root, file));
  }
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  return { root, files };
}

/** A copy of a snapshot, to be broken at will. */
export function copyOf(snapshotRoot) {
  const root = createFolder();
  cpSync(snapshotRoot, root, { recursive: true, verbatimSymlinks: true });
  return root;
}

function createFolder() {
  const root = mkdtempSync(join(tmpdir(), 'mutation-'));
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** What is tracked, and what the next commit would add. */
function listFiles() {
  return execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { encoding: 'utf8' },
  )
    .split('\0')
    .filter((file) => file !== '' && existsSync(file));
}
