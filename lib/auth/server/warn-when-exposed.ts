import { Logger } from '@nestjs/common';
import type { Server } from 'node:http';
import type { ServerAuth } from './server-auth.js';

/**
 * Looks, once the server listens, whether strangers can reach it: an open
 * server gets a warning; one whose public name could only be guessed stops the
 * application, as a guess would come from whoever sends the request.
 */
export function warnWhenExposed(server: Server, auth: ServerAuth): void {
  server.once('listening', () => {
    const bound = server.address();
    const isLoopback =
      typeof bound === 'object' &&
      /^(127\.|::1$)/.test(bound?.address ?? '127.');
    if (isLoopback) {
      return;
    }
    if (auth.isUndecided) {
      new Logger('McpModule').warn(
        'The MCP server has no auth and listens beyond loopback: whoever ' +
          'reaches it can call its tools. Set auth, or auth: false to say ' +
          'that this is meant.',
      );
    } else if (auth.verifiesTokens && auth.settings.resource === undefined) {
      // After the adapter's own listeners, and before anybody can be served.
      process.nextTick(() => server.close());
      // `app.listen()` rejects, as it does for a port that is taken.
      server.emit(
        'error',
        new Error(
          'auth.resource is missing, and the server listens beyond loopback. ' +
            'Set it to the public URL of the MCP endpoint, such as ' +
            '"https://api.example.com/mcp", or listen on 127.0.0.1.',
        ),
      );
    }
  });
}
