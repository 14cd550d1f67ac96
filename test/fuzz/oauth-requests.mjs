/** Mutated requests to the endpoints of the authorization server. */
import { headerText, junk, junkText, mutated, written } from './junk.mjs';
import { piecesOf } from './endpoint-requests.mjs';

const CLIENT = {
  client_name: 'Fuzz',
  redirect_uris: ['http://127.0.0.1:7777/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  scope: 'read',
  id_token_signed_response_alg: 'RS256',
  jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] },
  contacts: ['a@example.com'],
};

const AUTHORIZE = {
  response_type: 'code',
  client_id: '{client}',
  redirect_uri: 'http://127.0.0.1:7777/callback',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
  scope: 'read',
  state: 'xyz',
  resource: '{resource}',
  prompt: 'consent',
};

const TOKEN = {
  grant_type: 'authorization_code',
  client_id: '{client}',
  client_secret: 'secret',
  code: 'code',
  redirect_uri: 'http://127.0.0.1:7777/callback',
  code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  refresh_token: 'token',
  resource: '{resource}',
};

const REVOKE = {
  token: 'token',
  token_type_hint: 'access_token',
  client_id: '{client}',
};
const LOGIN = { username: 'ada', password: 'x', csrf: 'x', action: 'allow' };

/** Method, path and parameters, as they should be. */
const KINDS = [
  ['POST', '/oauth/register', CLIENT, 'json'],
  ['GET', '/oauth/authorize', AUTHORIZE, 'query'],
  ['POST', '/oauth/authorize', AUTHORIZE, 'form'],
  ['POST', '/oauth/token', TOKEN, 'form'],
  ['POST', '/oauth/token', { ...TOKEN, grant_type: 'refresh_token' }, 'form'],
  ['POST', '/oauth/revoke', REVOKE, 'form'],
  ['GET', '/oauth/callback', { state: 'x', code: 'x', iss: 'x' }, 'query'],
  ['GET', '/oauth/interaction/abc', LOGIN, 'query'],
  ['POST', '/oauth/interaction/abc', LOGIN, 'form'],
  ['GET', '/oauth/jwks', {}, 'query'],
  ['GET', '/.well-known/oauth-authorization-server', {}, 'query'],
  ['GET', '/.well-known/openid-configuration', {}, 'query'],
  ['GET', '/.well-known/oauth-protected-resource/own', {}, 'query'],
];

const TYPES = {
  form: 'application/x-www-form-urlencoded',
  json: 'application/json',
};
const METHODS = 'GET POST PUT DELETE OPTIONS HEAD TRACE PATCH'.split(' ');
const HEADERS = [
  'authorization',
  'cookie',
  'origin',
  'dpop',
  'accept',
  'content-type',
  'host',
];

/** @returns method, path, headers, and the body in pieces */
export function oauthRequest(random) {
  const [method, path, right, encoding] = random.pick(KINDS);
  let params = right;
  for (let count = random.below(4); count > 0; count--) {
    params = mutated(params, random);
  }
  const sentAs = random.chance(0.1)
    ? random.pick(['query', 'form', 'json'])
    : encoding;
  const text = sentAs === 'json' ? written(params) : formOf(params, random);
  const headers = sentAs === 'query' ? {} : { 'content-type': TYPES[sentAs] };
  if (random.chance(0.15)) {
    headers[random.pick(HEADERS)] = headerText(random);
  }
  const verb = random.chance(0.08) ? random.pick(METHODS) : method;
  const tail = random.chance(0.05)
    ? `/${encodeURIComponent(random.pick(['%', 'a', '..', 'é']))}`
    : '';
  return {
    method: verb,
    path: `${path}${tail}${sentAs === 'query' ? `?${text.slice(0, 8000)}` : ''}`,
    headers,
    pieces: sentAs === 'query' ? [] : piecesOf(text, random),
  };
}

/** A form of whatever there is, with what only a form can have. */
function formOf(params, random) {
  const fields = Object.entries(
    typeof params === 'object' && params !== null ? params : { params },
  ).map(([name, value]) => {
    const text = typeof value === 'string' ? value : written(value);
    return `${encode(name)}=${encode(text)}`;
  });
  if (random.chance(0.2)) {
    fields.push(
      random.pick([
        '__proto__=x',
        '__proto__[a]=x',
        'constructor[prototype][a]=x',
        'scope[]=a&scope[]=b',
        'client_id=a&client_id=b',
        '%=%',
        '=&&&=',
        `${encode(junkText(random))}=${encode(written(junk(random)))}`,
      ]),
    );
  }
  return fields.join('&').replace(/%7B(client|resource)%7D/g, '{$1}');
}

/** Half a surrogate has no encoding. */
const encode = (text) => encodeURIComponent(text.toWellFormed());
