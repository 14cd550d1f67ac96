import type { Logger } from '@nestjs/common';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  LONGEST_TIMEOUT,
  checkSecrets,
  givenOptions,
  shown,
} from '../options/option-values.js';
import type { Invokers } from '../invocation/invokers.js';
import type { SchemaReader } from '../schema/sources/schema-reader.js';
import type {
  LimitOptions,
  McpModuleOptions,
} from './mcp-options.interface.js';

/** What a package.json says of the application, as far as a server's identity needs it. */
interface ApplicationPackage {
  readonly name?: string;
  readonly version?: string;
}

/**
 * Reads the package.json nearest to the script that runs, or to the working
 * directory where the script is a tool's (a test runner, say). Empty where
 * there is none.
 */
function readApplicationPackage(): ApplicationPackage {
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

/** The options of one server with every default in place. */
export type ServerSettings = Omit<McpModuleOptions, 'limits'> &
  Required<
    Pick<
      McpModuleOptions,
      | 'name'
      | 'version'
      | 'path'
      | 'useGlobalPrefix'
      | 'expose'
      | 'describeAllResponses'
      | 'describeFullResponseSchema'
      | 'outputSchema'
      | 'portability'
      | 'forwardHeaders'
      | 'keepAliveInterval'
      | 'legacy'
      | 'origins'
    >
  > & {
    /** Without `maxRequestBytes`, what the application allows. */
    readonly limits: typeof LIMITS & LimitOptions;
  };

const LIMITS = {
  timeout: 60_000,
  drainTimeout: 10_000,
  maxResultBytes: 1_048_576,
  maxUnreadBytes: 524_288,
  maxSubscriptions: 20,
  maxSubscriptionsInTotal: 1000,
  pageSize: 1000,
  maxListTokens: 20_000,
};

/** Injection token of {@link ServerSettings}. */
export const SERVER_SETTINGS = 'nestjs-mcp:settings';

/**
 * Applies the defaults.
 *
 * @throws Error naming the option, its value and the remedy
 */
export function resolveSettings(options: McpModuleOptions): ServerSettings {
  const application = readApplicationPackage();
  const settings: ServerSettings = {
    path: '/mcp',
    useGlobalPrefix: true,
    expose: 'decorated',
    describeAllResponses: false,
    describeFullResponseSchema: false,
    outputSchema: false,
    portability: 'wide',
    forwardHeaders: ['authorization'],
    keepAliveInterval: 15_000,
    legacy: {},
    origins: {},
    ...givenOptions(options),
    limits: { ...LIMITS, ...givenOptions(options.limits ?? {}) },
    name: options.name ?? application.name ?? 'mcp-server',
    version: options.version ?? application.version ?? '0.0.0',
  };
  checkPath(settings.path);
  checkLimits(settings.limits);
  checkInterval(settings.keepAliveInterval);
  for (const option of [
    'toolName',
    'toolDescription',
    'toolAnnotations',
  ] as const) {
    const given: unknown = settings[option];
    if (given !== undefined && typeof given !== 'function') {
      throw new Error(
        `McpModule: ${option} is ${JSON.stringify(given)}. Give a function.`,
      );
    }
  }
  checkNames('hideArguments', settings.hideArguments);
  checkSecrets('McpModule: secrets', settings.secrets);
  checkSwitch('legacy', settings.legacy, '{ sessions, sse }');
  checkSwitch('origins', settings.origins, '{ allow, hosts }');
  const { outputSchema } = settings;
  if (typeof outputSchema !== 'boolean' && outputSchema !== 'strict') {
    throw new Error(
      `McpModule: outputSchema is ${JSON.stringify(outputSchema)}. Write true, false or "strict".`,
    );
  }
  if (settings.portability !== 'wide' && settings.portability !== 'strict') {
    throw new Error(
      `McpModule: portability is ${shown(settings.portability)}. Write "wide" or "strict".`,
    );
  }
  if (settings.expose !== 'all' && settings.expose !== 'decorated') {
    throw new Error(
      `McpModule: expose is "${String(settings.expose)}". Write "decorated" or "all".`,
    );
  }
  return settings;
}

function checkPath(path: string): void {
  if (!/^(\/[A-Za-z0-9._~-]+)*\/?$/.test(path) || path.includes('//')) {
    throw new Error(
      `McpModule: path is "${path}". Write a fixed path such as "/mcp".`,
    );
  }
}

/** Options that are an object, or false for nothing of the kind. */
function checkSwitch(option: string, value: unknown, members: string): void {
  if (value !== false && (typeof value !== 'object' || value === null)) {
    throw new Error(
      `McpModule: ${option} is ${shown(value)}. Write ${members}, or false.`,
    );
  }
}

function checkLimits(limits: LimitOptions): void {
  for (const [name, value] of Object.entries(limits)) {
    const most = name.toLowerCase().endsWith('timeout')
      ? LONGEST_TIMEOUT
      : Number.MAX_SAFE_INTEGER;
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new Error(
        `McpModule: limits.${name} is ${shown(value)}. Write a whole number from 1 to ${most}.`,
      );
    }
  }
}

function checkInterval(value: number | false): void {
  if (
    value !== false &&
    !(Number.isInteger(value) && value >= 0 && value <= LONGEST_TIMEOUT)
  ) {
    throw new Error(
      `McpModule: keepAliveInterval is ${shown(value)}. Write milliseconds, a whole number up to ${LONGEST_TIMEOUT}, or false for none.`,
    );
  }
}

function checkNames(option: string, names: unknown): void {
  const isList =
    Array.isArray(names) &&
    names.every((name) => typeof name === 'string' && name !== '');
  if (names !== undefined && !isList) {
    throw new Error(
      `McpModule: ${option} is ${JSON.stringify(names)}. Write a list of names: ["lang"].`,
    );
  }
}

/** What every operation of a server is built with. */
export interface OperationBuild {
  readonly settings: ServerSettings;
  readonly sources: SchemaReader;
  readonly invokers: Invokers;
  readonly logger: Logger;
  readonly warn: (message: string) => void;
}
