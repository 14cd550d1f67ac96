import type { McpModuleOptions } from '../../../mcp-options.interface.js';
import { shown } from '../../../options/option-keys.js';

/** The two paths of HTTP+SSE (MCP 2024-11-05, Transports). */
export interface SsePlaces {
  /** Where the stream is opened. */
  readonly stream: string;
  /** Where messages are posted. */
  readonly messages: string;
}

/**
 * The paths as they are configured; undefined where HTTP+SSE is not served.
 *
 * @throws Error naming the option, its value and the remedy
 */
export function resolveSse({
  sse = false,
  sessions,
  path = '/mcp',
}: McpModuleOptions): SsePlaces | undefined {
  if (sse === false) {
    return undefined;
  }
  if (sse !== true && (typeof sse !== 'object' || sse === null)) {
    throw new Error(
      `McpModule: sse is ${shown(sse)}. Write true, false or an object of options.`,
    );
  }
  if (sessions === false) {
    throw new Error(
      'McpModule: sse needs sessions, which are switched off. Leave sessions: false or sse out.',
    );
  }
  const options = sse === true ? {} : sse;
  const places = {
    stream: checkPath('path', options.path ?? '/sse'),
    messages: checkPath('messagesPath', options.messagesPath ?? '/messages'),
  };
  const all = [path, places.stream, places.messages].map((one) =>
    one.toLowerCase().replace(/\/$/, ''),
  );
  if (new Set(all).size < all.length) {
    throw new Error(
      `McpModule: path "${path}", sse.path "${places.stream}" and sse.messagesPath ` +
        `"${places.messages}" are not three. Give each a path of its own.`,
    );
  }
  return places;
}

function checkPath(option: string, path: string): string {
  if (!/^(\/[A-Za-z0-9._~-]+)+$/.test(path)) {
    throw new Error(
      `McpModule: sse.${option} is "${String(path)}". Write a fixed path such as "/sse".`,
    );
  }
  return path;
}

const mounted = new WeakMap<object, SsePlaces>();

/** Notes where the paths of a server are, its global prefix included. */
export function noteSsePlaces(settings: object, places: SsePlaces): void {
  mounted.set(settings, places);
}

/** Where HTTP+SSE of a server is, once modules are configured. */
export function ssePlacesOf(settings: object): SsePlaces | undefined {
  return mounted.get(settings);
}

/** The path under which the adapter has found the route of a request. */
export function routePathOf(request: unknown): string | undefined {
  const { route, routeOptions } = request as {
    readonly route?: { readonly path?: string };
    readonly routeOptions?: { readonly url?: string };
  };
  return routeOptions?.url ?? route?.path;
}
