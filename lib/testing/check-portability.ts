import type { INestApplication } from '@nestjs/common';
import { checkOptions, type OptionKeys } from '../options/option-keys.js';
import { findServer } from '../server/mcp-server-instance.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import {
  findingsOf,
  type ListedTool,
  PORTABILITY_CLIENTS,
  type PortabilityClient,
  type PortabilityFinding,
} from './portability-rules.js';

/** Whose rules `checkPortability()` holds tools to. @publicApi */
export interface PortabilityOptions {
  /** Name or full path of the server, where the application has several. */
  readonly server?: string;
  /** @default all of them */
  readonly clients?: readonly PortabilityClient[];
}

const PORTABILITY_KEYS: OptionKeys<PortabilityOptions> = {
  server: true,
  clients: 'texts',
};

/**
 * Finds what clients and model vendors would refuse a server's tools for, or
 * drop in silence: names, titles, hints, schemas, the length of the list.
 *
 * ```ts
 * expect(await checkPortability(app)).toEqual([]);
 * ```
 *
 * @param app initialised here, unless it is already
 * @throws Error where the application has no such server
 * @publicApi
 */
export async function checkPortability(
  app: INestApplication,
  options: PortabilityOptions = {},
): Promise<PortabilityFinding[]> {
  checkOptions('checkPortability(app, …)', options, PORTABILITY_KEYS);
  const { clients = PORTABILITY_CLIENTS } = options;
  const unknown = clients.find((each) => !PORTABILITY_CLIENTS.includes(each));
  if (unknown !== undefined) {
    throw new Error(
      `checkPortability(app, …): clients has "${String(unknown)}". ` +
        `Write some of "${PORTABILITY_CLIENTS.join('", "')}".`,
    );
  }
  const { name, tools } = await toolsOf(app, options.server);
  return findingsOf(tools, name).filter(({ client }) =>
    clients.includes(client),
  );
}

/**
 * Every tool of a server, whoever may see it, in the order of their names.
 *
 * @throws Error where the application has no such server
 */
export async function toolsOf(
  app: INestApplication,
  server: string | undefined,
): Promise<{ readonly name: string; readonly tools: ListedTool[] }> {
  await app.init();
  const instance = findServer(app, server);
  const tools = [...instance.get(ToolRegistry).all].map(
    ({ definition, origin }) => ({ definition, source: origin }),
  );
  return { name: instance.name, tools };
}
