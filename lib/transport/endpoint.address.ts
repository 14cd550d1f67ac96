import { Injectable } from '@nestjs/common';

/** Where the endpoint of one server is, known once modules are configured. */
@Injectable()
export class EndpointAddress {
  /** The full path, global prefix included. */
  path = '';
}
