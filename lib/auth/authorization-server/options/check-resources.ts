/**
 * Checks what tokens are issued for (RFC 8707, section 2).
 *
 * @throws Error naming the option, its value and the remedy
 */
export function checkResources(resources: readonly string[]): void {
  const wrong = resources.find(
    (resource) => !URL.canParse(resource) || resource.includes('#'),
  );
  if (resources.length === 0 || wrong !== undefined) {
    throw new Error(
      `authorizationServer.resources ${wrong === undefined ? 'is empty' : `has "${wrong}"`}. ` +
        'Write the absolute URL, without a fragment, of each MCP endpoint that ' +
        'tokens are for, such as "https://api.example.com/mcp".',
    );
  }
}
