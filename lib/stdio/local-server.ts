import type { INestApplicationContext, Type } from '@nestjs/common';
import type { ServerAuth } from '../auth/guards/server-auth.js';
import {
  OWN_PLACE,
  type ProtectedPlace,
} from '../auth/guards/protected-places.js';
import { chooseServer, type NamedServer } from '../choose-server.js';
import { McpRegistry } from '../mcp.registry.js';
import { McpServerFactory } from '../transport/mcp-server.factory.js';

/** One MCP server of an application. */
export interface LocalServer extends NamedServer {
  readonly factory: McpServerFactory;
  readonly auth: ServerAuth;
}

/**
 * Finds a server of the application.
 *
 * @param wanted its name or full path; may be left out where there is but one
 * @throws Error telling which there are
 */
export function localServer(
  app: INestApplicationContext,
  wanted: string | undefined,
): LocalServer {
  // Every import of McpModule has one of each, so that the lists run parallel.
  const registries = all<McpRegistry>(app, McpRegistry);
  const factories = all<McpServerFactory>(app, McpServerFactory);
  const places = all<ProtectedPlace>(app, OWN_PLACE);
  const servers = registries.flatMap(({ name, path }, index) => {
    const factory = factories[index];
    const auth = places[index]?.auth;
    return factory && auth ? [{ name, path, factory, auth }] : [];
  });
  return chooseServer(servers, wanted);
}

function all<T>(app: INestApplicationContext, token: Type<T> | string): T[] {
  try {
    return app.get<T>(token, { strict: false, each: true });
  } catch {
    return [];
  }
}
