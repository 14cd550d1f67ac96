type ClientPackage = typeof import('@modelcontextprotocol/client');

/**
 * The SDK's client, which only tests need.
 *
 * @throws Error where the package is not installed
 */
export async function loadClient(): Promise<ClientPackage> {
  try {
    return await import('@modelcontextprotocol/client');
  } catch (cause) {
    throw new Error(
      'nestjs-mcp/testing needs the package @modelcontextprotocol/client. ' +
        'Install it: npm install --save-dev @modelcontextprotocol/client',
      { cause },
    );
  }
}
