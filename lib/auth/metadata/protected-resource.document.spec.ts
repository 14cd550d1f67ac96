import type { McpAuthOptions } from '../auth-options.interface.js';
import type { RequestWithHeaders } from '../credentials/auth.provider.js';
import type { ServerAuth } from '../server/server-auth.js';
import { protectedResourceDocument } from './mcp-metadata.controller.js';

const ISSUER = 'https://login.example.com';
const request: RequestWithHeaders = { headers: { host: 'eu.example.com' } };

/** Names the resource by the host, so that the request is seen to be asked about. */
const documentOf = (
  settings: McpAuthOptions = {},
  supportedScopes: readonly string[] = [],
) =>
  protectedResourceDocument(
    {
      settings,
      scopes: { supported: supportedScopes },
      authorizationServers: [ISSUER],
      resourceFor: ({ headers }: RequestWithHeaders) =>
        `https://${headers.host}/mcp`,
    } as unknown as ServerAuth,
    request,
  );

it('has what a client needs, and no member without a value (RFC 9728 2, 3.2)', () => {
  expect(documentOf()).toEqual({
    resource: 'https://eu.example.com/mcp',
    authorization_servers: [ISSUER],
    bearer_methods_supported: ['header'],
  });
  expect(Object.values(documentOf())).not.toContain(undefined);
});

it('has the scopes and what is for people, where they are known', () => {
  expect(
    documentOf(
      { resourceName: 'Atlas', resourceDocumentation: 'https://docs.example' },
      ['atlas:read', 'atlas:write'],
    ),
  ).toEqual({
    resource: 'https://eu.example.com/mcp',
    authorization_servers: [ISSUER],
    scopes_supported: ['atlas:read', 'atlas:write'],
    bearer_methods_supported: ['header'],
    resource_name: 'Atlas',
    resource_documentation: 'https://docs.example',
  });
});

it('has nothing else of the options, secrets least of all', () => {
  const text = JSON.stringify(
    documentOf({ clientId: 'atlas', clientSecret: 'hunter2' }),
  );
  expect(text).not.toContain('hunter2');
});
