import { hasCredentials, readSecureUrl } from '../options/option-values.js';
import type {
  OAuthMetadata,
  OAuthMetadataInput,
} from './auth-config.interface.js';

/** What a server is taken for that says nothing else. */
const DEFAULTS = {
  scopes_supported: ['openid', 'profile', 'email'],
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_methods_supported: ['none'],
  code_challenge_methods_supported: ['S256'],
} as const;

/**
 * Metadata of an authorization server for `customMetadata`, with the defaults
 * of FastAPI-MCP's `OAuthMetadata` except the grant types: there it is
 * `client_credentials` beside `authorization_code`, which a client without a
 * secret, the only kind that the defaults have, must not use (RFC 6749, section
 * 4.4); here it is `refresh_token`.
 *
 * ```ts
 * customMetadata: defineOAuthMetadata({
 *   issuer: 'https://login.example.com',
 *   authorization_endpoint: 'https://login.example.com/authorize',
 *   token_endpoint: 'https://login.example.com/token',
 * }),
 * ```
 *
 * @throws Error naming the member, its value and the remedy
 * @publicApi
 */
export function defineOAuthMetadata(
  members: OAuthMetadataInput,
): OAuthMetadata {
  const given = Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  );
  const metadata = withoutNulls({ ...DEFAULTS, ...given });
  checkOAuthMetadata('defineOAuthMetadata', metadata);
  return metadata;
}

/** A document says nothing by null. */
export function withoutNulls(members: object): OAuthMetadata {
  return Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) => value !== undefined && value !== null,
    ),
  ) as unknown as OAuthMetadata;
}

/** Methods for which the algorithms have to be named. */
const SIGNED = ['private_key_jwt', 'client_secret_jwt'];

/**
 * Checks a document against RFC 8414, section 2, and for what MCP clients refuse
 * a login without.
 *
 * @param owner what the messages begin with
 * @throws Error naming the member, its value and the remedy
 */
export function checkOAuthMetadata(
  owner: string,
  document: OAuthMetadata,
): void {
  const wrong = (member: string, found: string, remedy: string): Error =>
    new Error(`${owner}: ${member} ${found}. ${remedy}`);
  if ('client_secret' in document) {
    throw wrong('client_secret', 'is given', 'Everybody reads this document.');
  }
  if (document.issuer === undefined) {
    throw wrong('issuer', 'is missing', 'Name the authorization server.');
  }
  for (const [member, value] of Object.entries(document)) {
    if (isUrl(member)) {
      checkUrl(member, value, wrong);
    } else if (member.endsWith('_supported')) {
      checkList(member, value, wrong);
    }
  }
  if (document.response_types_supported === undefined) {
    throw wrong('response_types_supported', 'is missing', 'Write ["code"].');
  }
  checkGrants(document, wrong);
  checkSigning(document, wrong);
}

type Complaint = (member: string, found: string, remedy: string) => Error;

/** Members with a URL, except those that are meant to be read by people. */
function isUrl(member: string): boolean {
  return (
    ['issuer', 'jwks_uri', 'op_policy_uri', 'op_tos_uri'].includes(member) ||
    member.endsWith('_endpoint')
  );
}

function checkUrl(member: string, value: unknown, wrong: Complaint): void {
  if (typeof value === 'string' && hasCredentials(value)) {
    throw wrong(member, 'has a user name or password in it', 'Leave it out.');
  }
  const forbidden = member === 'issuer' ? /[?#]/ : /#/;
  if (!readSecureUrl(value) || forbidden.test(String(value))) {
    throw wrong(
      member,
      `is ${JSON.stringify(value)}`,
      `Write an absolute https URL without ${member === 'issuer' ? 'query and ' : ''}` +
        'fragment; http is for loopback alone.',
    );
  }
}

function checkList(member: string, value: unknown, wrong: Complaint): void {
  if (typeof value === 'boolean') {
    return;
  }
  const texts: readonly unknown[] = Array.isArray(value) ? value : [];
  if (Array.isArray(value) && texts.length === 0) {
    throw wrong(member, 'is an empty list', 'Fill it, or leave it out.');
  }
  if (
    texts.length === 0 ||
    texts.some((text) => typeof text !== 'string' || text.trim() === '')
  ) {
    throw wrong(
      member,
      `is ${JSON.stringify(value)}`,
      'Write a list of texts, such as ["a", "b"].',
    );
  }
}

function checkGrants(document: OAuthMetadata, wrong: Complaint): void {
  // What it means to say nothing: RFC 8414, section 2.
  const grants = document.grant_types_supported ?? [
    'authorization_code',
    'implicit',
  ];
  const usesCodes = grants.includes('authorization_code');
  const needed = [
    ...(usesCodes ? ['authorization_endpoint'] : []),
    ...(grants.every((grant) => grant === 'implicit')
      ? []
      : ['token_endpoint']),
  ];
  const missing = needed.find((member) => document[member] === undefined);
  if (missing !== undefined) {
    throw wrong(
      missing,
      `is missing, while grant_types_supported has "${grants.join('", "')}"`,
      'Add it, or correct the grant types.',
    );
  }
  const methods = document.code_challenge_methods_supported;
  if (usesCodes && !methods?.includes('S256')) {
    throw wrong(
      'code_challenge_methods_supported',
      methods ? 'has no "S256"' : 'is missing',
      'MCP clients log in by PKCE with S256 alone: write ["S256"] if the ' +
        'server takes it, and use setupProxies if not.',
    );
  }
}

function checkSigning(document: OAuthMetadata, wrong: Complaint): void {
  for (const endpoint of ['token', 'revocation', 'introspection']) {
    const methods = document[`${endpoint}_endpoint_auth_methods_supported`];
    const member = `${endpoint}_endpoint_auth_signing_alg_values_supported`;
    const algorithms = document[member];
    const signed = SIGNED.find(
      (method) => Array.isArray(methods) && methods.includes(method),
    );
    if (signed !== undefined && algorithms === undefined) {
      throw wrong(
        member,
        `is missing, while clients may use ${signed}`,
        'Name the algorithms, such as ["RS256"].',
      );
    }
    if (Array.isArray(algorithms) && algorithms.includes('none')) {
      throw wrong(
        member,
        'has "none"',
        'Take it out: nothing is signed by it.',
      );
    }
  }
}
