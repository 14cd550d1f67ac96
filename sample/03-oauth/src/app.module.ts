import { type DynamicModule, Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp';
import { NotesModule } from './notes/notes.module.js';

/** What the two servers of this sample know of each other. */
export interface Addresses {
  /** URLs of the MCP endpoint: what tokens must be issued for. */
  readonly resource: readonly string[];
  /** The login server, as its metadata names it. */
  readonly issuer: string;
}

@Module({})
export class AppModule {
  static register({ resource, issuer }: Addresses): DynamicModule {
    return {
      module: AppModule,
      imports: [
        McpModule.forRoot({
          name: 'notes',
          title: 'Notes to yourself',
          version: '1.0.0',
          instructions: 'Keeps notes for the person who is logged in.',
          auth: {
            resource,
            authorizationServers: [issuer],
            // Finds the issuer's keys by its metadata.
            verifier: { issuer },
            requiredScopes: ['notes:read'],
            // A client can only ask for more scopes to call what it sees.
            hideUnauthorized: false,
          },
        }),
        NotesModule,
      ],
    };
  }
}
