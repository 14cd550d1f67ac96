import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a package.json says of the application, as far as a server's identity needs it. */
export interface ApplicationPackage {
  readonly name?: string;
  readonly version?: string;
}

/**
 * Reads the package.json nearest to the script that runs, or to the working
 * directory where the script is a tool's (a test runner, say). Empty where
 * there is none.
 */
export function readApplicationPackage(): ApplicationPackage {
  const script = process.argv[1];
  const file =
    (script && !script.includes('node_modules')
      ? nearestPackage(dirname(script))
      : undefined) ?? nearestPackage(process.cwd());
  if (!file) {
    return {};
  }
  try {
    const { name, version } = JSON.parse(
      readFileSync(file, 'utf8'),
    ) as ApplicationPackage;
    return {
      ...(typeof name === 'string' && { name }),
      ...(typeof version === 'string' && { version }),
    };
  } catch {
    // Not ours to complain about: the identity has a default.
    return {};
  }
}

function nearestPackage(directory: string): string | undefined {
  const file = join(directory, 'package.json');
  if (existsSync(file)) {
    return file;
  }
  const parent = dirname(directory);
  return parent === directory ? undefined : nearestPackage(parent);
}
