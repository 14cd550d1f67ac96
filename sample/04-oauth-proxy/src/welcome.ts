/** The text printed at start-up: where things are, and what to paste into the usual clients. */
export function welcome(endpoint: string, issuer: string): string {
  const remote = { command: 'npx', args: ['-y', 'mcp-remote', endpoint] };
  return [
    `MCP endpoint: ${endpoint}`,
    `Identity provider: ${issuer}`,
    '',
    'Your client opens a browser window for the login: first to allow the client in, then to log in, where any name and password will do.',
    '',
    'Claude Code (then /mcp, "Authenticate"):',
    `  claude mcp add --transport http tasks ${endpoint}`,
    '',
    'Claude Desktop (claude_desktop_config.json):',
    json({ mcpServers: { tasks: remote } }),
    '',
    'Cursor (.cursor/mcp.json):',
    json({ mcpServers: { tasks: { url: endpoint } } }),
    '',
    'VS Code (.vscode/mcp.json):',
    json({ servers: { tasks: { type: 'http', url: endpoint } } }),
    '',
    'MCP Inspector (transport "Streamable HTTP", the endpoint as URL):',
    '  npx @modelcontextprotocol/inspector',
  ].join('\n');
}

const json = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(/^/gm, '  ');
