import { comparableResource } from '../comparable-resource.js';
import type { AcceptedTokens } from '../verifiers/token-verifier.js';

/** An MCP server, and the tokens that get in. */
export interface TokenTaker {
  readonly name: string;
  readonly accepts: readonly Required<AcceptedTokens>[];
}

/**
 * Keeps tokens to the server that they were issued for (MCP Authorization,
 * "Access Token Privilege Restriction").
 *
 * @throws Error naming two servers that accept the same tokens
 */
export function checkDistinctTokens(servers: readonly TokenTaker[]): void {
  const takers = new Map<string, string>();
  for (const { name, accepts } of servers) {
    const own = accepts.flatMap(({ issuer, audience }) =>
      audience.map((each) => ({ issuer, audience: comparableResource(each) })),
    );
    for (const tokens of own) {
      const other = takers.get(JSON.stringify(tokens));
      if (other !== undefined) {
        throw new Error(
          `The MCP servers "${other}" and "${name}" accept the same tokens: ` +
            `those of issuer "${tokens.issuer}" for "${tokens.audience}". ` +
            'What was issued for one would open the other. Give each an ' +
            'audience of its own: auth.resource, or the audience of its verifier.',
        );
      }
    }
    for (const tokens of own) takers.set(JSON.stringify(tokens), name);
  }
}
