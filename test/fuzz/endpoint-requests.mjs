/** Mutated requests to an MCP endpoint, of both eras. */
import { headerText, junk, mutated, written } from './junk.mjs';

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
  progressToken: 7,
};

/** Methods and their parameters, as a client would send them. */
const CALLS = [
  [
    'initialize',
    {
      protocolVersion: '2025-11-25',
      capabilities: { sampling: {}, roots: { listChanged: true } },
      clientInfo: { name: 'fuzz', version: '1.0.0' },
    },
  ],
  ['ping', {}],
  ['server/discover', {}],
  ['tools/list', { cursor: 'next' }],
  ['tools/call', { name: 'find', arguments: { id: '7', q: ['a'], page: 1 } }],
  ['tools/call', { name: 'make', arguments: { name: 'Ada', tags: ['x'] } }],
  ['tools/call', { name: 'greet', arguments: { who: { name: 'Ada' } } }],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['resources/read', { uri: 'things://7' }],
  ['resources/subscribe', { uri: 'things://7' }],
  ['prompts/list', {}],
  ['prompts/get', { name: 'ask', arguments: { topic: 'x' } }],
  [
    'completion/complete',
    {
      ref: { type: 'ref/resource', uri: 'things://{id}' },
      argument: { name: 'id', value: '7' },
    },
  ],
  ['logging/setLevel', { level: 'debug' }],
  ['subscriptions/listen', { notifications: { toolsListChanged: true } }],
  ['notifications/initialized', {}],
  ['notifications/cancelled', { requestId: 1, reason: 'x' }],
];

const METHODS =
  'GET DELETE PUT PATCH OPTIONS HEAD TRACE PROPFIND REPORT QUERY SEARCH'.split(
    ' ',
  );

const TYPES = [
  'application/json; charset=utf-16',
  'application/json;charset=nonsense',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'APPLICATION/JSON',
  ';;',
];

const HEADERS = [
  'accept',
  'accept-encoding',
  'authorization',
  'content-encoding',
  'content-type',
  'cookie',
  'dpop',
  'expect',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-param-id',
  'mcp-protocol-version',
  'mcp-session-id',
  'origin',
  'traceparent',
  'x-forwarded-for',
];

/** Paths of the endpoints: the last needs a token. */
export const PATHS = ['/open', '/open', '/open', '/sse', '/messages', '/own'];

/** @returns method, path, headers, and the body in pieces */
export function endpointRequest(random) {
  const isModern = random.chance(0.5);
  const [method, params] = random.pick(CALLS);
  let message = {
    jsonrpc: '2.0',
    id: random.below(1000),
    method,
    params: isModern ? { ...params, _meta: META } : params,
  };
  const name = params.name ?? params.uri;
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': isModern ? '2026-07-28' : '2025-11-25',
    ...(isModern && {
      'mcp-method': method,
      ...(name !== undefined && { 'mcp-name': name }),
    }),
    // The client puts those of a real session and a real token there.
    ...(random.chance(0.3) && { 'mcp-session-id': '{session}' }),
    ...(random.chance(0.6) && { authorization: 'Bearer {token}' }),
  };
  for (let count = random.below(4); count > 0; count--) {
    message = mutated(message, random);
  }
  if (random.chance(0.05)) {
    message = Array.from({ length: random.below(20) }, () => message);
  }
  if (random.chance(0.25)) {
    headers[random.pick(HEADERS)] = headerText(random);
  }
  if (random.chance(0.06)) {
    headers['content-type'] = random.pick(TYPES);
  }
  const verb = random.chance(0.12) ? random.pick(METHODS) : 'POST';
  const hasBody = verb === 'POST' || random.chance(0.3);
  return {
    method: verb,
    path: random.pick(PATHS) + (random.chance(0.05) ? '?access_token=x' : ''),
    headers,
    pieces: hasBody ? piecesOf(spoiled(message, random), random) : [],
  };
}

/** The text of a message, now and then not JSON at all. */
function spoiled(message, random) {
  const text = written(message);
  const way = random.next();
  if (way < 0.9) {
    return text;
  }
  if (way < 0.94) {
    return text.slice(0, random.below(text.length));
  }
  if (way < 0.97) {
    const at = random.below(text.length);
    return `${text.slice(0, at)}${String.fromCharCode(random.below(0x3000))}${text.slice(at + 1)}`;
  }
  return `${text}${written(junk(random))}`;
}

/** One piece comes with its length, several come in chunks. */
export function piecesOf(text, random) {
  const bytes = Buffer.from(text);
  if (random.chance(0.85) || bytes.length < 2) {
    return [bytes];
  }
  const at = 1 + random.below(bytes.length - 1);
  return [bytes.subarray(0, at), bytes.subarray(at)];
}
