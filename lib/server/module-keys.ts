import type { Icon } from '@modelcontextprotocol/server';
import { AUTH_KEYS } from '../auth/auth-options.interface.js';
import { ifObject, type OptionKeys } from '../options/option-keys.js';
import type {
  CacheOptions,
  LegacyOptions,
  LimitOptions,
  McpModuleOptions,
  OriginOptions,
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

const LEGACY_KEYS: OptionKeys<LegacyOptions> = {
  sessions: ifObject(SESSION_KEYS),
  sse: ifObject(SSE_PATH_KEYS),
};

const LIMIT_KEYS: OptionKeys<LimitOptions> = {
  timeout: true,
  drainTimeout: true,
  maxRequestBytes: true,
  maxResultBytes: true,
  maxUnreadBytes: true,
  maxSubscriptions: true,
  maxSubscriptionsInTotal: true,
  pageSize: true,
  maxListTokens: true,
};

const ORIGIN_KEYS: OptionKeys<OriginOptions> = {
  allow: 'texts',
  hosts: 'texts',
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
  cache: CACHE_KEYS,
  keepAliveInterval: true,
  limits: LIMIT_KEYS,
  legacy: ifObject(LEGACY_KEYS),
  forwardHeaders: 'texts',
  auth: (given) => (given === false ? undefined : AUTH_KEYS),
  origins: ifObject(ORIGIN_KEYS),
  secrets: true,
};
