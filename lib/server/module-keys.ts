import type { Icon } from '@modelcontextprotocol/server';
import { AUTH_KEYS } from '../auth/auth-options.interface.js';
import { ifObject, type OptionKeys } from '../options/option-keys.js';
import type {
  CacheOptions,
  McpModuleOptions,
  SsePathOptions,
} from './mcp-options.interface.js';
import { SESSION_KEYS } from './session-options.interface.js';
import { TOOL_FILTER_KEYS } from './tool-filter.interface.js';

export const CACHE_KEYS: OptionKeys<CacheOptions> = {
  ttlMs: true,
  cacheScope: true,
};

const SSE_PATH_KEYS: OptionKeys<SsePathOptions> = {
  path: true,
  messagesPath: true,
};

/** What MCP knows of an icon. */
export const ICON_KEYS: readonly [OptionKeys<Icon>] = [
  { src: 'name', mimeType: 'text', sizes: 'texts', theme: 'text' },
];

export const MODULE_KEYS: OptionKeys<McpModuleOptions> = {
  name: 'name',
  version: 'name',
  title: 'text',
  description: 'text',
  websiteUrl: 'name',
  icons: ICON_KEYS,
  instructions: 'text',
  path: 'text',
  useGlobalPrefix: 'flag',
  expose: true,
  include: TOOL_FILTER_KEYS,
  exclude: TOOL_FILTER_KEYS,
  toolName: true,
  toolDescription: true,
  toolAnnotations: true,
  hideArguments: true,
  describeAllResponses: 'flag',
  describeFullResponseSchema: 'flag',
  outputSchema: true,
  portability: true,
  maxListTokens: true,
  pageSize: true,
  cache: CACHE_KEYS,
  stateSecrets: true,
  legacy: true,
  sessions: ifObject(SESSION_KEYS),
  maxSubscriptions: true,
  maxSubscriptionsInTotal: true,
  maxUnreadBytes: true,
  maxRequestBytes: true,
  keepAliveInterval: true,
  drainTimeout: true,
  sse: ifObject(SSE_PATH_KEYS),
  forwardHeaders: 'texts',
  timeout: true,
  maxResultBytes: true,
  pretty: 'flag',
  auth: (given) => (given === false ? undefined : AUTH_KEYS),
  allowedOrigins: 'texts',
  allowedHosts: 'texts',
  dnsRebindingProtection: 'flag',
};
