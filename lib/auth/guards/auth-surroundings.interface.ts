import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';

/** What of its application a server's protection needs. */
export interface AuthSurroundings {
  /** Name of the server, for people. */
  readonly name: string;
  /** Full path of what is protected. */
  readonly endpointPath: () => string;
  /** Its adapter comes later in a testing module, and never where there is no HTTP. */
  readonly adapterHost: HttpAdapterHost;
  readonly modules: ModuleRef;
  /** Whether guards of the application stand before what is protected. @default they do not */
  readonly isGuarded?: () => boolean;
}
