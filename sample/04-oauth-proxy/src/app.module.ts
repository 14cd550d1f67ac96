import { type DynamicModule, Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp';
import { AuthModule } from './auth/auth.module.js';
import type { CompanyLogin } from './auth/company-login.interface.js';
import { TasksModule } from './tasks/tasks.module.js';

@Module({})
export class AppModule {
  /** @param resource URLs of the MCP endpoint */
  static register(
    resource: readonly string[],
    login: CompanyLogin,
  ): DynamicModule {
    const { issuer, clientId, clientSecret } = login;
    return {
      module: AppModule,
      imports: [
        AuthModule.register(login),
        McpModule.forRoot({
          name: 'tasks',
          title: 'Tasks of the company',
          version: '1.0.0',
          auth: {
            resource,
            requiredScopes: ['tasks:read'],
            // A client can only ask for more scopes to call what it sees.
            hideUnauthorized: false,
            authorizationServer: {
              upstream: {
                name: 'the company',
                issuer,
                clientId,
                clientSecret,
                scopes: ['openid', 'profile', 'offline_access'],
              },
              // The guard of the routes gets the tokens that it knows.
              forwardUpstreamToken: true,
            },
          },
        }),
        TasksModule,
      ],
    };
  }
}
