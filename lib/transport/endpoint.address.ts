import { Inject, Injectable } from '@nestjs/common';
import { SERVER_SETTINGS, type ServerSettings } from '../server-settings.js';

/** Where the endpoint of one server is. */
@Injectable()
export class EndpointAddress {
  /** The full path; the global prefix is part of it once modules are configured, which they never are without HTTP. */
  path: string;

  constructor(@Inject(SERVER_SETTINGS) { path }: ServerSettings) {
    this.path = path;
  }
}
