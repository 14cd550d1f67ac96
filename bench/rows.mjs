/**
 * The rows of the table. A row is one request to one server; rows with the same
 * server share its process. Names read `adapter.server.shape.era.method.tools`;
 * `1of1000` is one tool in an application of so many routes.
 */
export const ADAPTERS = ['express', 'fastify'];
export const ERAS = ['modern', 'legacy'];
const COUNTS = [1, 100, 1000];
const CONNECTIONS = { call: 16, list: 8 };

/** Rows that the targets need; `--short` measures these alone. */
const SHORT = [
  /\.plain\.route$/,
  /\.sdk\.(modern|legacy)\.call\.1$/,
  /\.sdk\.modern\.list\.1000$/,
  /\.ours\.route\.(modern|legacy)\.call\.1$/,
  /\.ours\.route\.modern\.(call|list)\.1000$/,
  /\.ours\.route\.modern\.call\.1of1000$/,
  /\.ours\.route\+auth\.modern\.call\.1$/,
  /\.mcp-nest\.(modern|legacy)\.call\.1$/,
  /\.fastmcp\.legacy\.call\.1$/,
  /\.tmcp\.(modern|legacy)\.call\.1$/,
  /\.mcp-use\.(modern|legacy)\.call\.1$/,
  /\.(post|inner)\./,
];

/** Every row, or those of the short run; `only` is part of a name, or a pattern. */
export function rows({ short = false, only } = {}) {
  const pattern = only && new RegExp(only);
  return [...everyRow()].filter(
    ({ name }) =>
      (!short || SHORT.some((rule) => rule.test(name))) &&
      (!pattern || pattern.test(name)),
  );
}

/** @throws Error where there is no row of this name */
export function rowNamed(name) {
  const row = [...everyRow()].find((row) => row.name === name);
  if (!row) {
    throw new Error(`No row is named ${name}; see --list`);
  }
  return row;
}

function* everyRow() {
  for (const adapter of ADAPTERS) {
    for (const shape of ['bare', 'route', 'full']) {
      yield plain({ adapter, shape });
    }
    for (const era of ERAS) {
      yield post({ adapter, era });
    }
    yield inner({ adapter, shape: 'route' });
    for (const shape of ['server', 'mcpserver']) {
      yield* matrix({ kind: 'sdk', adapter, shape }, ERAS, COUNTS);
    }
    yield* matrix({ kind: 'mcp-nest', adapter }, ERAS, COUNTS);
    for (const shape of ['bare', 'full']) {
      yield* matrix({ kind: 'ours', adapter, shape }, ERAS, [1], ['call']);
    }
    for (const auth of [false, true]) {
      const ours = { kind: 'ours', adapter, shape: 'route', auth };
      yield* matrix(ours, ERAS, COUNTS);
    }
    const lonely = { kind: 'ours', adapter, shape: 'route', routes: 1000 };
    yield* matrix(lonely, ['modern'], [1], ['call']);
  }
  // They have servers of their own; the first serves the legacy era alone.
  yield* matrix({ kind: 'fastmcp', adapter: 'own' }, ['legacy'], COUNTS);
  yield* matrix({ kind: 'tmcp', adapter: 'own' }, ERAS, COUNTS);
  yield* matrix({ kind: 'mcp-use', adapter: 'own' }, ERAS, COUNTS);
}

function plain({ adapter, shape }) {
  return {
    name: `${adapter}.plain.${shape}`,
    server: { kind: 'plain', adapter, shape, tools: 1 },
    era: 'none',
    method: 'call',
    connections: CONNECTIONS.call,
  };
}

/** The bound's first half: see servers/post.mjs. */
function post({ adapter, era }) {
  return {
    name: `${adapter}.post.${era}`,
    server: { kind: 'post', adapter, era, tools: 1 },
    era,
    method: 'call',
    connections: CONNECTIONS.call,
  };
}

/** The other half: see servers/inner.mjs. */
function inner({ adapter, shape }) {
  return {
    name: `${adapter}.inner.${shape}`,
    server: { kind: 'inner', adapter, shape, tools: 1 },
    era: 'none',
    method: 'call',
    connections: CONNECTIONS.call,
  };
}

function* matrix(server, eras, counts, methods = ['call', 'list']) {
  for (const tools of counts) {
    for (const era of eras) {
      for (const method of methods) {
        if (era === 'legacy' && tools === 100 && eras.length > 1) {
          continue; // Nothing to learn between 1 and 1,000 that modern does not show.
        }
        yield {
          name: [
            server.adapter,
            ...serverName(server),
            era,
            method,
            server.routes ? `${tools}of${server.routes}` : tools,
          ].join('.'),
          server: { ...server, tools },
          era,
          method,
          connections: CONNECTIONS[method],
        };
      }
    }
  }
}

function serverName({ kind, shape, auth }) {
  if (kind === 'sdk') {
    return [shape === 'mcpserver' ? 'sdk-mcpserver' : 'sdk'];
  }
  return [kind, ...(shape ? [auth ? `${shape}+auth` : shape] : [])];
}
