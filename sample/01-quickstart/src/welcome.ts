/** What `tools/list` tells of a tool, as far as it is printed. */
interface ToolSummary {
  readonly name: string;
  readonly description?: string | undefined;
}

/**
 * The text printed at start-up: the endpoint, its tools, and what to paste into
 * the usual clients.
 *
 * @param key sent by the clients as `Authorization: Bearer <key>`
 */
export function welcome(
  endpoint: string,
  tools: readonly ToolSummary[],
  key: string,
): string {
  const headers = { Authorization: `Bearer ${key}` };
  const width = Math.max(...tools.map(({ name }) => name.length));
  const list = tools.map(
    ({ name, description = '' }) =>
      `  ${name.padEnd(width)}  ${description.split('\n', 1)[0]}`,
  );
  const remote = {
    command: 'npx',
    args: ['-y', 'mcp-remote', endpoint, '--header', 'Authorization:${AUTH}'],
    env: { AUTH: headers.Authorization },
  };
  return [
    `MCP endpoint: ${endpoint}`,
    '',
    `${tools.length} tools:`,
    ...list,
    '',
    'Claude Code:',
    `  claude mcp add --transport http countries ${endpoint} --header "Authorization: ${headers.Authorization}"`,
    '',
    'Claude Desktop (claude_desktop_config.json):',
    json({ mcpServers: { countries: remote } }),
    '',
    'Cursor (.cursor/mcp.json):',
    json({ mcpServers: { countries: { url: endpoint, headers } } }),
    '',
    'VS Code (.vscode/mcp.json):',
    json({ servers: { countries: { type: 'http', url: endpoint, headers } } }),
  ].join('\n');
}

const json = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(/^/gm, '  ');
