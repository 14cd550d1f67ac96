import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import type { INestApplication } from '@nestjs/common';
import { deepStrictEqual } from 'node:assert';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { checkOptions, type OptionKeys } from '../options/option-keys.js';
import { toolsOf } from './check-portability.js';

/** How `expectToolsToMatchSnapshot()` compares. @publicApi */
export interface ToolSnapshotOptions {
  /** Name or full path of the server, where the application has several. */
  readonly server?: string;
  /**
   * Writes the file anew in place of comparing with it.
   * @default whether the environment has `UPDATE_TOOLS`
   */
  readonly update?: boolean;
}

const TOOL_SNAPSHOT_KEYS: OptionKeys<ToolSnapshotOptions> = {
  server: true,
  update: 'flag',
};

type Tools = Readonly<Record<string, Partial<ToolDefinition>>>;

/**
 * Holds a server's tools to a file that is checked in: names, titles,
 * descriptions, schemas and hints. A changed DTO or comment cannot change what
 * models read unnoticed. The file is written where there is none, except in a
 * build with `CI` in its environment, and anew with `UPDATE_TOOLS=1`.
 *
 * ```ts
 * await expectToolsToMatchSnapshot(app, 'test/tools.lock.json');
 * ```
 *
 * @param app initialised here, unless it is already
 * @param file path from the working directory
 * @throws AssertionError with the tools that were added, removed and changed, and how
 * @publicApi
 */
export async function expectToolsToMatchSnapshot(
  app: INestApplication,
  file: string,
  options: ToolSnapshotOptions = {},
): Promise<void> {
  checkOptions(
    'expectToolsToMatchSnapshot(app, file, …)',
    options,
    TOOL_SNAPSHOT_KEYS,
  );
  const { tools } = await toolsOf(app, options.server);
  const listed = asJson(tools.map(({ definition }) => definition));
  const saved = await readSnapshot(file);
  const isUpdate = options.update ?? Boolean(process.env['UPDATE_TOOLS']);
  if (isUpdate || (saved === undefined && !process.env['CI'])) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(listed, undefined, 2)}\n`);
    return;
  }
  if (saved === undefined) {
    throw new Error(
      `There is no ${file}, and CI is set. Run the test once without it, and check the file in.`,
    );
  }
  compare(listed, saved, file);
}

/** By name, and without what no JSON has. */
function asJson(definitions: readonly ToolDefinition[]): Tools {
  const sorted = [...definitions].sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  return JSON.parse(
    JSON.stringify(
      Object.fromEntries(
        sorted.map(({ name, ...definition }) => [name, definition]),
      ),
    ),
  ) as Tools;
}

async function readSnapshot(file: string): Promise<Tools | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Tools;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw new Error(
      `${file} cannot be read as JSON. Mend it, or write it anew with UPDATE_TOOLS=1.`,
      { cause: error },
    );
  }
}

/** @throws AssertionError naming what differs */
function compare(listed: Tools, saved: Tools, file: string): void {
  const added = Object.keys(listed).filter((name) => !(name in saved));
  const removed = Object.keys(saved).filter((name) => !(name in listed));
  const changed = Object.keys(listed).filter(
    (name) => name in saved && !isDeepStrictEqual(listed[name], saved[name]),
  );
  if (added.length + removed.length + changed.length === 0) {
    return;
  }
  const names = [
    ['added', added],
    ['removed', removed],
    ['changed', changed],
  ] as const;
  const told = names
    .filter(([, each]) => each.length > 0)
    .map(([what, each]) => `${what}: ${each.join(', ')}`)
    .join('; ');
  const pick = (tools: Tools): Tools =>
    Object.fromEntries(
      [...changed, ...added, ...removed]
        .filter((name) => name in tools)
        .map((name) => [name, tools[name] ?? {}]),
    );
  try {
    deepStrictEqual(pick(listed), pick(saved));
  } catch (error) {
    const diff = error as Error;
    diff.message =
      `The tools differ from ${file} (${told}). Write it anew with ` +
      `UPDATE_TOOLS=1 if that is meant.\n${diff.message}`;
    throw diff;
  }
}
