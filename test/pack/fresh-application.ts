import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { install, run } from './packed-library.js';

/** The two lines that a reader of the quick start adds, with `auth`. */
const IMPORT = "import { McpModule } from 'nestjs-mcp';";
const MODULE = `McpModule.forRoot({
  expose: 'all',
  auth: {
    resource: 'http://localhost:3000/mcp',
    verifier: {
      issuer: 'https://login.example.com',
      secret: 'a secret of at least thirty-two bytes',
    },
  },
})`;

/**
 * Generates an application by `nest new` of one version of Nest's CLI, as it
 * comes but for the two lines, and installs the tarball with what it needs.
 */
export async function generateApp(
  workspace: string,
  cli: string,
  tarball: string,
): Promise<string> {
  const name = `fresh-${cli}`;
  await run(
    workspace,
    'npx',
    '--yes',
    '--prefer-offline',
    `@nestjs/cli@${cli}`,
    'new',
    name,
    '--skip-git',
    '--skip-install',
    '--package-manager',
    'npm',
  );
  const app = join(workspace, name);
  const file = join(app, 'src/app.module.ts');
  const source = await readFile(file, 'utf8');
  const changed = source.replace('imports: []', `imports: [${MODULE}]`);
  if (changed === source) {
    throw new Error(`The generated ${file} has another form:\n${source}`);
  }
  await writeFile(file, `${IMPORT}\n${changed}`);
  await install(app, tarball);
  return app;
}

/** Why no application can be generated here; undefined where one can. */
export async function generationRefused(): Promise<string | undefined> {
  try {
    await run(
      process.cwd(),
      'npm',
      'view',
      '@nestjs/cli',
      'version',
      '--fetch-retries=0',
      '--fetch-timeout=20000',
    );
    return undefined;
  } catch {
    return 'the npm registry cannot be reached';
  }
}
