import type { McpModuleOptions } from '../../server/mcp-options.interface.js';
import type { SsePlaces } from '../../server/mcp-server-instance.js';
import { shown } from '../../options/option-values.js';

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
