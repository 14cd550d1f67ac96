/** The text printed at start-up: where things are, and what to paste into the usual clients. */
export function welcome(
  endpoint: string,
  users: readonly (readonly [string, string, string])[],
): string {
  const remote = { command: 'npx', args: ['-y', 'mcp-remote', endpoint] };
  return [
    `MCP endpoint: ${endpoint}`,
    '',
    'Your client opens a browser window for the login. Those who may:',
    ...users.map(([user, , password]) => `  ${user}, password ${password}`),
    '',
    'Claude Code (then /mcp, "Authenticate"):',
    `  claude mcp add --transport http notes ${endpoint}`,
    '',
    'Claude Desktop (claude_desktop_config.json):',
    json({ mcpServers: { notes: remote } }),
    '',
    'Cursor (.cursor/mcp.json):',
    json({ mcpServers: { notes: { url: endpoint } } }),
    '',
    'VS Code (.vscode/mcp.json):',
    json({ servers: { notes: { type: 'http', url: endpoint } } }),
    '',
    'MCP Inspector (transport "Streamable HTTP", the endpoint as URL):',
    '  npx @modelcontextprotocol/inspector',
  ].join('\n');
}

const json = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(/^/gm, '  ');
