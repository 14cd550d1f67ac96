import type { ClientAuth } from '../auth/client-auth.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import {
  hasCredentials,
  LONGEST_TIMEOUT,
  readSecureUrl,
  shown,
} from '../../options/option-values.js';
import type {
  McpClientHookOptions,
  McpClientModuleOptions,
  McpClientRetryOptions,
  McpClientServerOptions,
  McpClientToolOptions,
} from './client-options.interface.js';

const RETRY_KEYS: OptionKeys<McpClientRetryOptions> = {
  attempts: true,
  delay: true,
  maxDelay: true,
};

const TOOL_KEYS: OptionKeys<McpClientToolOptions> = {
  include: 'texts',
  exclude: 'texts',
  prefix: 'name',
};

const HOOK_KEYS: OptionKeys<McpClientHookOptions> = {
  before: 'function',
  after: 'function',
};

const SERVER_KEYS: OptionKeys<McpClientServerOptions> = {
  url: 'name',
  command: 'name',
  args: 'texts',
  env: 'object',
  cwd: 'name',
  inProcess: true,
  transport: true,
  era: true,
  auth: true,
  headers: 'object',
  forwardHeaders: 'texts',
  traceContext: 'flag',
  timeout: true,
  connectTimeout: true,
  connect: true,
  onConnectError: true,
  retry: RETRY_KEYS,
  cacheTtl: true,
  tools: TOOL_KEYS,
  hooks: HOOK_KEYS,
  roots: true,
  logLevel: true,
};

export const CLIENT_MODULE_KEYS: OptionKeys<McpClientModuleOptions> = {
  servers: true,
  file: 'name',
  name: 'name',
  version: 'name',
  tokenStore: true,
};

const CHOICES: Readonly<
  Partial<Record<keyof McpClientServerOptions, readonly string[]>>
> = {
  transport: ['http', 'sse'],
  era: ['auto', 'modern', 'legacy'],
  connect: ['lazy', 'eager'],
  onConnectError: ['throw', 'warn'],
  logLevel: [
    'debug',
    'info',
    'notice',
    'warning',
    'error',
    'critical',
    'alert',
    'emergency',
  ],
};

/** Headers that are credentials, or the protocol's own. */
const NEVER_FORWARDED =
  /^(authorization|proxy-authorization|cookie|dpop|x-api-key|host|connection|transfer-encoding|content-\w+|accept|mcp-.*)$/i;

/** {@link McpClientServerOptions} that were checked, with every default in place. */
export interface ClientSettings extends Omit<
  McpClientServerOptions,
  'timeout' | 'connectTimeout' | 'retry' | 'cacheTtl' | 'era' | 'forwardHeaders'
> {
  readonly era: 'auto' | 'modern' | 'legacy';
  readonly forwardHeaders: readonly string[];
  readonly timeout: number;
  readonly connectTimeout: number;
  readonly retry: Required<McpClientRetryOptions>;
  readonly cacheTtl: number;
}

/**
 * @param name of the server
 * @throws Error naming the option, its value and the remedy
 */
export function resolveClientSettings(
  name: string,
  options: McpClientServerOptions,
): ClientSettings {
  const place = `servers.${name}`;
  checkOptions(`${place}: …`, options, SERVER_KEYS);
  const fail = (option: string, value: unknown, remedy: string): never => {
    throw new Error(`${place}.${option} is ${shown(value)}. ${remedy}`);
  };
  checkTarget(place, options);
  for (const [option, choices] of Object.entries(CHOICES)) {
    const value = options[option as keyof McpClientServerOptions];
    if (value !== undefined && !choices.includes(value as string)) {
      fail(option, value, `Write one of ${choices.join(', ')}.`);
    }
  }
  const { auth, forwardHeaders = [], headers = {}, retry = {} } = options;
  // By its shape: a process may load both module formats.
  if (
    auth !== undefined &&
    typeof (auth as Partial<ClientAuth> | null)?.wrap !== 'function'
  ) {
    fail('auth', auth, 'Give an instance, such as new BearerAuth(token).');
  }
  if (auth && options.command !== undefined) {
    fail(
      'auth',
      auth,
      'A program takes credentials from its environment: env.',
    );
  }
  for (const header of forwardHeaders) {
    if (NEVER_FORWARDED.test(header)) {
      fail(
        'forwardHeaders',
        header,
        'It is never passed on. For a token of the caller, use TokenExchangeAuth.',
      );
    }
  }
  checkHeaders(place, headers);
  const settings = {
    ...options,
    era: options.era ?? 'auto',
    forwardHeaders: forwardHeaders.map((header) => header.toLowerCase()),
    timeout: options.timeout ?? 60_000,
    connectTimeout: options.connectTimeout ?? 10_000,
    retry: {
      attempts: retry.attempts ?? 2,
      delay: retry.delay ?? 200,
      maxDelay: retry.maxDelay ?? 5000,
    },
    cacheTtl: options.cacheTtl ?? 60_000,
  };
  const numbers = {
    timeout: [settings.timeout, 1],
    connectTimeout: [settings.connectTimeout, 1],
    cacheTtl: [settings.cacheTtl, 0],
    'retry.attempts': [settings.retry.attempts, 0],
    'retry.delay': [settings.retry.delay, 1],
    'retry.maxDelay': [settings.retry.maxDelay, 1],
  } as const;
  for (const [option, [value, least]] of Object.entries(numbers)) {
    if (!Number.isInteger(value) || value < least || value > LONGEST_TIMEOUT) {
      fail(
        option,
        value,
        `Write a whole number from ${least} to ${LONGEST_TIMEOUT}.`,
      );
    }
  }
  return settings;
}

/** One of `url`, `command` and `inProcess`, and only what goes with it. */
function checkTarget(place: string, options: McpClientServerOptions): void {
  const { url, command, inProcess } = options;
  const given = Object.entries({ url, command, inProcess }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length !== 1) {
    throw new Error(
      `${place} has ${given.map(([key]) => key).join(' and ') || 'neither url nor command nor inProcess'}. Give one of url, command and inProcess.`,
    );
  }
  if (url !== undefined) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (!parsed || !/^https?:$/.test(parsed.protocol) || hasCredentials(url)) {
      throw new Error(
        `${place}.url is ${hasCredentials(url) ? 'a URL with a user name or password' : shown(url)}. Write an absolute http or https URL; credentials belong in auth.`,
      );
    }
    const sendsCredentials =
      options.auth ||
      Object.keys(Object(options.headers)).some((name) =>
        /^(authorization|cookie|.*api-?key)$/i.test(name),
      );
    if (sendsCredentials && !readSecureUrl(url)) {
      throw new Error(
        `${place}.url is ${shown(url)}, and credentials would go there in plain text. Use https.`,
      );
    }
  }
  if (
    inProcess !== undefined &&
    inProcess !== true &&
    (typeof inProcess !== 'string' || inProcess === '')
  ) {
    throw new Error(
      `${place}.inProcess is ${shown(inProcess)}. Write true, or the name or path of a server of this application.`,
    );
  }
  const strays = (['args', 'env', 'cwd'] as const).filter(
    (option) => command === undefined && options[option] !== undefined,
  );
  if (strays[0]) {
    throw new Error(
      `${place}.${strays[0]} is set, and there is no command that it could be for. Leave it out.`,
    );
  }
  if (options.transport !== undefined && url === undefined) {
    throw new Error(
      `${place}.transport is set, and there is no url that it could be for. Leave it out.`,
    );
  }
}

function checkHeaders(
  place: string,
  headers: Readonly<Record<string, string>>,
): void {
  try {
    new Headers(headers);
  } catch (cause) {
    throw new Error(
      `${place}.headers has a name or value that no header can have.`,
      { cause },
    );
  }
}

/** @throws Error naming the option and the remedy */
export function checkClientModule(
  place: string,
  options: McpClientModuleOptions,
): void {
  checkOptions(place, options, CLIENT_MODULE_KEYS);
  const { servers, tokenStore } = options;
  if (
    servers !== undefined &&
    (typeof servers !== 'object' || servers === null || Array.isArray(servers))
  ) {
    throw new Error(
      `servers is ${shown(servers)}. Give an object: { name: { url } }.`,
    );
  }
  if (
    tokenStore !== undefined &&
    typeof (tokenStore as { set?: unknown }).set !== 'function'
  ) {
    throw new Error(
      `tokenStore is ${shown(tokenStore)}. Give a TokenStore, such as new RedisTokenStore({ client, secrets }).`,
    );
  }
}
