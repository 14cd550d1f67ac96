/** What an authorization server stands in front of: an MCP server, or other resources. */
export interface ServedResources {
  /** Name of the MCP server, for people. */
  readonly name: string;
  /** URLs for which tokens are issued (RFC 8707). */
  readonly resources: readonly string[];
  /** Path of the MCP endpoint: that of the issuer, where there are several servers. */
  readonly endpointPath: () => string;
  /** Scopes that the operations ask for; known once they are found. */
  readonly scopes: () => readonly string[];
}
