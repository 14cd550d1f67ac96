/** Tokens to show, by the role that they give. */
export interface Tokens {
  readonly support: string;
  readonly manager: string;
}

/** The text printed at start-up: the endpoint, tokens, and what to paste into clients. */
export function welcome(endpoint: string, tokens: Tokens): string {
  const authorization = `Bearer ${tokens.support}`;
  const remote = {
    command: 'npx',
    // No space after the colon: some clients split arguments at spaces.
    args: ['-y', 'mcp-remote', endpoint, '--header', 'Authorization:${AUTH}'],
    env: { AUTH: authorization },
  };
  return [
    `MCP endpoint: ${endpoint}`,
    '',
    'Token of a supporter, who may read:',
    `  ${tokens.support}`,
    'Token of a manager, who may refund too:',
    `  ${tokens.manager}`,
    '',
    'Claude Desktop, and any other client that starts programs:',
    json({ mcpServers: { orders: remote } }),
    '',
    'Claude Code:',
    `  claude mcp add --transport http orders ${endpoint} --header "Authorization: ${authorization}"`,
  ].join('\n');
}

const json = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(/^/gm, '  ');
