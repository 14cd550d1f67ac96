/**
 * The text printed at start-up: the endpoint, and what to paste into clients.
 *
 * @param isGuarded whether the server asks for a token, which is not printed
 */
export function welcome(endpoint: string, isGuarded = false): string {
  const headers = isGuarded && {
    headers: { Authorization: 'Bearer <your TOKEN>' },
  };
  return [
    `MCP endpoint: ${endpoint}`,
    '',
    'Claude Code:',
    `  claude mcp add --transport http everything ${endpoint}${isGuarded ? ' --header "Authorization: Bearer <your TOKEN>"' : ''}`,
    '',
    'Cursor (.cursor/mcp.json):',
    json({ mcpServers: { everything: { url: endpoint, ...headers } } }),
    '',
    'VS Code (.vscode/mcp.json):',
    json({
      servers: { everything: { type: 'http', url: endpoint, ...headers } },
    }),
    '',
    'MCP Inspector (transport "Streamable HTTP", the endpoint as URL):',
    '  npx @modelcontextprotocol/inspector',
  ].join('\n');
}

const json = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(/^/gm, '  ');
