import type { ServerSettings } from '../../server/server-settings.js';
import type { SsePlaces } from '../../server/mcp-server-instance.js';
import { shown } from '../../options/option-values.js';

/**
 * The paths as they are configured; undefined where HTTP+SSE is not served.
 *
 * @throws Error naming the option, its value and the remedy
 */
export function resolveSse({
  legacy,
  path,
}: Pick<ServerSettings, 'legacy' | 'path'>): SsePlaces | undefined {
  const { sse, sessions } = legacy || {};
  if (sse === undefined || sse === false) {
    return undefined;
  }
  if (sse !== true && (typeof sse !== 'object' || sse === null)) {
    throw new Error(
      `McpModule: legacy.sse is ${shown(sse)}. Write true, false or an object of options.`,
    );
  }
  if (sessions === false) {
    throw new Error(
      'McpModule: legacy.sse needs sessions, which are switched off. Leave legacy.sessions: false or legacy.sse out.',
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
      `McpModule: path "${path}", legacy.sse.path "${places.stream}" and legacy.sse.messagesPath ` +
        `"${places.messages}" are not three. Give each a path of its own.`,
    );
  }
  return places;
}

function checkPath(option: string, path: string): string {
  if (!/^(\/[A-Za-z0-9._~-]+)+$/.test(path)) {
    throw new Error(
      `McpModule: legacy.sse.${option} is "${String(path)}". Write a fixed path such as "/sse".`,
    );
  }
  return path;
}
