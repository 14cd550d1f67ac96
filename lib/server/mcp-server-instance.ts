import { Inject, Injectable } from '@nestjs/common';
import { SERVER_SETTINGS, type ServerSettings } from './server-settings.js';

/** What tells the MCP servers of one application apart. */
export interface NamedServer {
  readonly name: string;
  /** Full path of the endpoint; empty where the application has no HTTP. */
  readonly path: string;
}

/**
 * The server that `wanted` names.
 *
 * @param wanted name or path; may be left out where there is but one
 * @throws Error telling which there are
 */
export function chooseServer<T extends NamedServer>(
  servers: readonly T[],
  wanted: string | undefined,
): T {
  const matching =
    wanted === undefined
      ? servers
      : servers.filter(({ name, path }) => name === wanted || path === wanted);
  const [first, ...others] = matching;
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

/** Where the endpoint of one server is. */
@Injectable()
export class EndpointAddress {
  /** Full paths, that of the endpoint first; none where there is no HTTP, and before modules are configured. */
  paths: readonly string[] = [];

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
  ) {}

  /** The full path of the endpoint; without the global prefix where it is not served. */
  get path(): string {
    return this.paths[0] ?? this.settings.path;
  }
}
