import { type DynamicModule, Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp';
import { NotesModule } from './notes/notes.module.js';
import { PasswordLogin } from './users/password.login.js';
import { UsersModule } from './users/users.module.js';

/** Seconds an access token lasts, so that one sees clients renew theirs. */
export const TOKEN_SECONDS = 300;

@Module({})
export class AppModule {
  /** @param resource URLs of the MCP endpoint */
  static register(resource: readonly string[]): DynamicModule {
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
            requiredScopes: ['notes:read'],
            // A client can only ask for more scopes to call what it sees.
            hideUnauthorized: false,
            authorizationServer: {
              login: PasswordLogin,
              lifetimes: { accessToken: TOKEN_SECONDS },
            },
          },
        }),
        NotesModule,
        UsersModule,
      ],
    };
  }
}
