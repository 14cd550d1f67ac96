import type { ApplicationConfig } from '@nestjs/core';
import { readOperation } from '../nest/operation-metadata.js';
import type { Route, RouteUrl } from '../nest/route.interface.js';
import { versionHeaders } from '../nest/endpoint-path.js';
import type { RouteCandidate } from './tool.registry.js';
import { isHidden } from '../nest/provider-methods.js';
import { TOOL_METADATA } from './tool.decorator.js';
import type { McpToolOptions } from './tool.decorator.js';

/** What a server exposes, and where it reports what it leaves out. */
export interface Exposure {
  readonly expose: 'decorated' | 'all';
  readonly warn: (message: string) => void;
}

/** Sensible as a tool without having been asked for. */
const COMMON_METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * The tools a route may become: one for each of its versions, or a single one
 * where it also answers without a version. Where the route cannot say which
 * request to send, a decorated one stops the application, any other is left out
 * with a warning.
 *
 * @throws Error naming the route and the option it needs
 */
export function routeCandidates(
  route: Route,
  exposure: Exposure,
  config: ApplicationConfig,
): RouteCandidate[] {
  const options = toolOptionsOf(route);
  const operation = readOperation(route);
  if (
    isHidden(route.controller, route.handler) ||
    (!options && (exposure.expose !== 'all' || operation.excluded))
  ) {
    return [];
  }
  const refuse = (problem: string): [] => {
    const origin = describeRoute(route, route.urls[0]);
    if (options) {
      throw new Error(`${origin} cannot be a tool: ${problem}`);
    }
    exposure.warn(`${origin} is not exposed: ${problem}`);
    return [];
  };
  const httpMethod = options?.method?.toUpperCase() ?? route.httpMethod;
  if (httpMethod === 'ALL') {
    return refuse(
      'it answers every HTTP method. Choose one by @McpTool({ method }).',
    );
  }
  if (!options && !COMMON_METHODS.has(httpMethod)) {
    return [];
  }
  if (route.httpMethod !== 'ALL' && httpMethod !== route.httpMethod) {
    return refuse(
      `@McpTool({ method: "${httpMethod}" }) is not the method of the route.`,
    );
  }
  const urls = chooseUrls(route, options);
  if (urls.length === 0) {
    return refuse(
      'none of its URLs has the path and version that @McpTool() names. ' +
        `They are ${route.urls.map(describeUrl).join(', ')}.`,
    );
  }
  const candidates: RouteCandidate[] = [];
  for (const url of urls) {
    const headers = versionHeaders(url, config);
    if (!headers && !options?.headers) {
      return refuse(
        'CUSTOM versioning cannot tell which request leads to version ' +
          `"${url.version}". Name the headers by @McpTool({ headers }).`,
      );
    }
    candidates.push({
      kind: 'route',
      owner: route.controller,
      methodName: route.methodName,
      moduleName: route.moduleName,
      options: options ?? {},
      isDecorated: options !== undefined,
      origin: describeRoute(route, url),
      route,
      url,
      httpMethod,
      operation,
      headers: { ...headers, ...lowerCaseNames(options?.headers) },
    });
  }
  return candidates;
}

/** `GET /cats/:id (CatsController.findOne)` */
function describeRoute(route: Route, url: RouteUrl | undefined): string {
  return `${route.httpMethod} ${url ? describeUrl(url) : ''} (${route.controller.name}.${route.methodName})`;
}

function describeUrl(url: RouteUrl): string {
  return url.version === undefined
    ? url.path
    : `${url.path} [version ${url.version}]`;
}

/** The method's own options over those of its class, which speak for all its routes. */
function toolOptionsOf(route: Route): McpToolOptions | undefined {
  const ofClass = Reflect.getMetadata(TOOL_METADATA, route.controller) as
    McpToolOptions | undefined;
  const ofMethod = Reflect.getMetadata(TOOL_METADATA, route.handler) as
    McpToolOptions | undefined;
  for (const option of ['name', 'path', 'inputSchema'] as const) {
    if (ofClass?.[option] !== undefined) {
      throw new Error(
        `@McpTool({ ${option} }) on the class ${route.controller.name} would ` +
          'hold for each of its routes. Put it on the method.',
      );
    }
  }
  return ofClass || ofMethod ? { ...ofClass, ...ofMethod } : undefined;
}

function chooseUrls(
  route: Route,
  options: McpToolOptions | undefined,
): readonly RouteUrl[] {
  const fitting = route.urls.filter(
    ({ path, version }) =>
      (options?.path === undefined || isPath(path, options.path)) &&
      (options?.version === undefined || version === options.version),
  );
  const unversioned = fitting.find(({ version }) => version === undefined);
  if (unversioned) {
    return [unversioned];
  }
  const versions = new Map<string | undefined, RouteUrl>();
  for (const url of fitting) {
    if (!versions.has(url.version)) {
      versions.set(url.version, url);
    }
  }
  return [...versions.values()];
}

/** Accepts the whole URL, or its end as the decorator spells it. */
function isPath(path: string, chosen: string): boolean {
  return path === chosen || path.endsWith(`/${chosen.replace(/^\//, '')}`);
}

function lowerCaseNames(
  headers: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
