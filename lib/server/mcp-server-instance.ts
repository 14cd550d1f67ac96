import {
  Inject,
  Injectable,
  type INestApplicationContext,
  type Type,
} from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { SERVER_SETTINGS, type ServerSettings } from './server-settings.js';

/** The two paths of HTTP+SSE (MCP 2024-11-05, Transports). */
export interface SsePlaces {
  /** Where the stream is opened. */
  readonly stream: string;
  /** Where messages are posted. */
  readonly messages: string;
}

/** The full paths of one server, global prefix included. */
interface ServerPaths {
  readonly endpoint: string;
  /** Undefined where HTTP+SSE is not served. */
  readonly sse?: SsePlaces;
}

/**
 * One MCP server of an application: how it was configured, where it is served,
 * and the way to the providers that it is made of. Each `McpModule.forRoot()`
 * has one, and `app.get(McpServerInstance, { each: true })` is the list of all.
 */
@Injectable()
export class McpServerInstance {
  private mounted: ServerPaths | undefined;
  private parts: ModuleRef | undefined;

  constructor(@Inject(SERVER_SETTINGS) readonly settings: ServerSettings) {}

  get name(): string {
    return this.settings.name;
  }

  /** Name of the server for people. */
  get title(): string {
    return this.settings.title ?? this.settings.name;
  }

  /** Full path of the endpoint; without the global prefix until the server is mounted. */
  get path(): string {
    return this.mounted?.endpoint ?? this.settings.path;
  }

  /** Every path the server answers at, that of the endpoint first; none where the application has no HTTP. */
  get paths(): readonly string[] {
    const { endpoint, sse } = this.mounted ?? {};
    return [
      ...(endpoint === undefined ? [] : [endpoint]),
      ...(sse ? [sse.stream, sse.messages] : []),
    ];
  }

  /** Where HTTP+SSE is served; undefined where it is not, and until the server is mounted. */
  get sse(): SsePlaces | undefined {
    return this.mounted?.sse;
  }

  /** Notes where the server is served, once its routes are known. */
  mountAt(paths: ServerPaths): void {
    this.mounted = paths;
  }

  /** Notes the module whose providers make up the server: the `McpModule` of one `forRoot()`. */
  madeOf(parts: ModuleRef): void {
    this.parts = parts;
  }

  /**
   * The provider of this token that belongs to this server and to no other.
   *
   * @throws Error where the server has none
   */
  get<T>(part: Type<T> | string): T {
    if (!this.parts) {
      throw new Error(`The MCP server "${this.name}" is not made yet.`);
    }
    return this.parts.get<T>(part, { strict: true });
  }
}

/** The MCP servers of an application, in the order of their imports. */
function serversOf(
  app: Pick<INestApplicationContext, 'get'>,
): McpServerInstance[] {
  try {
    return app.get(McpServerInstance, { strict: false, each: true });
  } catch {
    // Nest throws where there is none.
    return [];
  }
}

/**
 * The server of an application that `wanted` names.
 *
 * @param wanted name or full path; may be left out where there is but one
 * @throws Error telling which there are
 */
export function findServer(
  app: Pick<INestApplicationContext, 'get'>,
  wanted: string | undefined,
): McpServerInstance {
  const servers = serversOf(app);
  const [first, ...others] =
    wanted === undefined
      ? servers
      : servers.filter(({ name, path }) => name === wanted || path === wanted);
  if (first && others.length === 0) {
    return first;
  }
  const known = servers.map(({ name, path }) => `"${name}" at "${path}"`);
  throw new Error(
    servers.length === 0
      ? 'The application has no MCP server. Import McpModule.forRoot().'
      : `The option server is ${wanted === undefined ? 'not set' : `"${wanted}"`}, ` +
          `and the application has ${known.join(', ')}. Write the path of one of them, or its name.`,
  );
}
