/** This library, as built: every tool is a route of the application. */
import { McpModule, McpScopes, McpTool } from '../../dist/esm/index.js';
import { applicationModule } from './application.mjs';
import { listen } from './nest.mjs';
import { calledTool, DESCRIPTION, toolName } from './order.mjs';
import { issueToken } from './token.mjs';

const SCOPE = 'orders';

export async function start(server) {
  const access = server.auth ? await issueToken(SCOPE) : undefined;
  const module = applicationModule(server, {
    imports: [
      McpModule.forRoot({
        name: 'bench',
        version: '1.0.0',
        limits: { maxListTokens: 1e9 },
        auth: access
          ? { verifier: access.verifier, requiredScopes: [SCOPE] }
          : false,
      }),
    ],
    // A scope on every tool, so that lists have something to look at.
    extra: (index) =>
      isTool(index, server)
        ? [
            McpTool({ name: toolName(index), description: DESCRIPTION }),
            ...(access ? [McpScopes(SCOPE)] : []),
          ]
        : [],
  });
  const url = await listen(module, server.adapter);
  return {
    url: `${url}/mcp`,
    ...(access && { headers: { authorization: `Bearer ${access.token}` } }),
  };
}

/** Every route, or the one that is called where the application has more of them than tools. */
function isTool(index, { tools, routes = tools }) {
  return routes === tools || toolName(index) === calledTool(routes);
}
