import type { Logger } from '@nestjs/common';
import type { SchemaSources } from '../schema/sources/schema-sources.js';
import type { ServerSettings } from '../server-settings.js';

/** What every tool of a server is built with. */
export interface ToolBuild {
  readonly settings: ServerSettings;
  readonly sources: SchemaSources;
  readonly logger: Logger;
  readonly warn: (message: string) => void;
}
