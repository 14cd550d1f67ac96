import { AuthChallenge, type ChallengeParameters } from './auth.challenge.js';

const resourceMetadata = 'https://a.example/.well-known/x';

it.each<[string, ChallengeParameters, string]>([
  ['nothing to tell', {}, 'Bearer'],
  ['no scopes', { scopes: [] }, 'Bearer'],
  [
    'what to get, without an error (RFC 6750 3)',
    { scopes: ['a', 'b'], resourceMetadata },
    `Bearer scope="a b", resource_metadata="${resourceMetadata}"`,
  ],
  [
    'an error with its description first',
    {
      error: 'insufficient_scope',
      errorDescription: 'Needed: a',
      scopes: ['a'],
      resourceMetadata,
    },
    'Bearer error="insufficient_scope", error_description="Needed: a", ' +
      `scope="a", resource_metadata="${resourceMetadata}"`,
  ],
  [
    'no offline_access (MCP Authorization, "Scope Selection")',
    { scopes: ['offline_access', 'a', 'offline_access'] },
    'Bearer scope="a"',
  ],
  ['offline_access alone', { scopes: ['offline_access'] }, 'Bearer'],
  [
    'scopes that only look like it',
    { scopes: ['offline_access2', 'x:offline_access'] },
    'Bearer scope="offline_access2 x:offline_access"',
  ],
  ['no document', { resourceMetadata: undefined }, 'Bearer'],
])('writes %s', (_, parameters, header) => {
  expect(new AuthChallenge().header('Bearer', parameters)).toBe(header);
});

it.each([
  ['a "quoted" word', 'a  quoted  word'],
  ['a\\b', 'a b'],
  ['a\r\nSet-Cookie: x', 'a  Set-Cookie: x'],
  ['é\u0000\u007f', '   '],
  ["!#[]~' kept", "!#[]~' kept"],
])(
  'lets nothing out of a quoted string: %j (RFC 6750 3)',
  (errorDescription, written) => {
    expect(new AuthChallenge().header('DPoP', { errorDescription })).toBe(
      `DPoP error_description="${written}"`,
    );
  },
);
