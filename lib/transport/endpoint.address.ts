import { Inject, Injectable } from '@nestjs/common';
import { SERVER_SETTINGS, type ServerSettings } from '../server-settings.js';

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
