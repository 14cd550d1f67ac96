import { Module, type DynamicModule, type Type } from '@nestjs/common';
import {
  McpModule,
  type McpAuthOptions,
  type McpModuleExtras,
  type McpModuleOptions,
} from '../../lib/index.js';
import { NotesModule } from '../fixtures/auth/notes.controller.js';
import type { AdapterName } from './adapters.js';
import { RESOURCE } from './auth-issuer.js';
import { bootApp, type BootedApp, type BootOptions } from './boot-app.js';

/** What a test may set beside `auth`. */
export interface ProtectedOptions extends BootOptions {
  readonly mcp?: McpModuleOptions & McpModuleExtras;
  /** Imported beside the server. @default the notes */
  readonly imports?: readonly (Type<unknown> | DynamicModule)[];
}

/** Boots a protected server for `RESOURCE`, with the tools of the notes. */
export async function bootProtected(
  adapter: AdapterName,
  auth: McpAuthOptions | false | undefined,
  { mcp, imports = [NotesModule], ...options }: ProtectedOptions = {},
): Promise<BootedApp & { readonly endpoint: string }> {
  @Module({
    imports: [
      McpModule.forRoot({
        name: 'protected',
        ...mcp,
        ...(auth !== undefined && {
          auth: auth && { resource: RESOURCE, ...auth },
        }),
      }),
      ...imports,
    ],
  })
  class ProtectedApp {}
  const booted = await bootApp(ProtectedApp, adapter, options);
  return { ...booted, endpoint: `${booted.url}/mcp` };
}
