import type { Logger } from '@nestjs/common';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  LONGEST_TIMEOUT,
  givenOptions,
  shown,
} from '../options/option-values.js';
import type { Invokers } from '../invocation/invokers.js';
import type { SchemaReader } from '../schema/sources/schema-reader.js';
import type { McpModuleOptions } from './mcp-options.interface.js';

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
export type ServerSettings = McpModuleOptions &
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
      | 'maxListTokens'
      | 'forwardHeaders'
      | 'timeout'
      | 'maxResultBytes'
      | 'pretty'
      | 'pageSize'
      | 'keepAliveInterval'
      | 'drainTimeout'
      | 'maxSubscriptions'
      | 'maxSubscriptionsInTotal'
      | 'maxUnreadBytes'
      | 'legacy'
    >
  >;

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
    maxListTokens: 20_000,
    forwardHeaders: ['authorization'],
    timeout: 60_000,
    maxResultBytes: 1_048_576,
    pretty: false,
    pageSize: 1000,
    keepAliveInterval: 15_000,
    drainTimeout: 10_000,
    maxSubscriptions: 20,
    maxSubscriptionsInTotal: 1000,
    maxUnreadBytes: 524_288,
    legacy: true,
    ...givenOptions(options),
    name: options.name ?? application.name ?? 'mcp-server',
    version: options.version ?? application.version ?? '0.0.0',
  };
  checkPath(settings.path);
  checkPositive('timeout', settings.timeout, LONGEST_TIMEOUT);
  checkPositive('maxResultBytes', settings.maxResultBytes);
  if (settings.maxRequestBytes !== undefined) {
    checkPositive('maxRequestBytes', settings.maxRequestBytes);
  }
  checkPositive('maxListTokens', settings.maxListTokens);
  checkPositive('pageSize', settings.pageSize);
  checkPositive('maxSubscriptions', settings.maxSubscriptions);
  checkPositive('maxSubscriptionsInTotal', settings.maxSubscriptionsInTotal);
  checkPositive('maxUnreadBytes', settings.maxUnreadBytes);
  checkInterval(settings.keepAliveInterval);
  checkPositive('drainTimeout', settings.drainTimeout, LONGEST_TIMEOUT);
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
  checkSecrets(settings.stateSecrets);
  checkLegacy(settings);
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

function checkLegacy({ legacy, sessions, sse }: ServerSettings): void {
  if (typeof legacy !== 'boolean') {
    throw new Error(
      `McpModule: legacy is ${shown(legacy)}. Write true or false.`,
    );
  }
  const given = sse ? 'sse' : sessions ? 'sessions' : undefined;
  if (!legacy && given) {
    throw new Error(
      `McpModule: legacy is false, but ${given} is given, which are for legacy ` +
        'clients alone. Leave one of them out.',
    );
  }
}

function checkSecrets(secrets: readonly string[] | undefined): void {
  if (!secrets) {
    return;
  }
  const remedy = 'Give one at least, as `openssl rand -hex 32` makes it.';
  if (!Array.isArray(secrets) || secrets.length === 0) {
    throw new Error(
      `McpModule: stateSecrets is ${secrets.length === 0 ? 'empty' : 'no list'}, and needs secrets of 32 characters. ${remedy}`,
    );
  }
  const index = secrets.findIndex(
    (secret: unknown) => typeof secret !== 'string' || secret.length < 32,
  );
  if (index >= 0) {
    const secret: unknown = secrets[index];
    const found =
      typeof secret === 'string'
        ? `has ${secret.length} characters, and needs 32 characters`
        : `is ${secret === undefined ? 'undefined' : 'no text'}, and needs 32 characters`;
    throw new Error(`McpModule: stateSecrets[${index}] ${found}. ${remedy}`);
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

function checkPositive(
  option: string,
  value: number,
  limit = Number.MAX_SAFE_INTEGER,
): void {
  if (!Number.isInteger(value) || value < 1 || value > limit) {
    throw new Error(
      `McpModule: ${option} is ${shown(value)}. Write a whole number from 1 to ${limit}.`,
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
