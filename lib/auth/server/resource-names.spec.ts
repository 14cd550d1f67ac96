import { ResourceNames } from './resource-names.js';

const at = (host?: string, url = '/mcp') => ({
  headers: host === undefined ? {} : { host },
  url,
});

describe('names that are configured', () => {
  const names = [
    'https://api.example.com/mcp',
    'https://eu.example.com:8443/mcp',
    'https://api.example.com/v2/mcp',
  ];
  const resource = new ResourceNames(names, () => '/mcp');

  it('are all of the audience, whatever the request says', () => {
    expect(resource.namesFor(at('evil.example'))).toEqual(names);
    expect(new ResourceNames(names[0], () => '/x').namesFor(at())).toEqual([
      names[0],
    ]);
  });

  it.each([
    ['api.example.com', '/mcp', names[0]],
    ['API.EXAMPLE.COM', '/mcp?x=1', names[0]],
    ['eu.example.com:8443', '/', names[1]],
    ['eu.example.com', '/', names[0]],
    ['api.example.com', '/v2/mcp', names[2]],
    ['api.example.com', '/v2/mcp?x', names[2]],
    [
      'api.example.com',
      '/.well-known/oauth-protected-resource/v2/mcp',
      names[2],
    ],
    ['internal:3000', '/.well-known/oauth-protected-resource/v2/mcp', names[2]],
    ['internal:3000', '/', names[0]],
    [undefined, '/', names[0]],
    ['a b', '/', names[0]],
  ])('at Host %s and %s stand for %s', (host, url, name) => {
    expect(resource.nameFor(at(host, url))).toBe(name);
  });

  it('have the well-known part before their path (RFC 9728 3.1)', () => {
    expect(resource.metadataUrlFor(at('eu.example.com:8443'))).toBe(
      'https://eu.example.com:8443/.well-known/oauth-protected-resource/mcp',
    );
    expect(
      new ResourceNames('https://mcp.example.com', () => '/mcp').metadataUrlFor(
        at(),
      ),
    ).toBe('https://mcp.example.com/.well-known/oauth-protected-resource');
  });

  it('are looked for at each path once, the real one included', () => {
    expect(resource.metadataPaths).toEqual([
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-protected-resource/v2/mcp',
    ]);
    expect(
      new ResourceNames('https://mcp.example.com/', () => '/api/mcp')
        .metadataPaths,
    ).toEqual([
      '/.well-known/oauth-protected-resource/api/mcp',
      '/.well-known/oauth-protected-resource',
    ]);
  });
});

describe('the URL of a request (RFC 9449 4.3)', () => {
  const names = ['https://api.example.com/api/mcp', 'https://eu.example.com'];
  const resource = new ResourceNames(names, () => '/mcp');

  it('is each name, and the path at the origin of each, at the endpoint', () => {
    expect(resource.urlsFor(at('evil.example', '/mcp?x=1'))).toEqual([
      ...names,
      'https://api.example.com/mcp',
      'https://eu.example.com/mcp',
    ]);
  });

  it('is its own path at the origin of each name elsewhere', () => {
    expect(resource.urlsFor(at('evil.example', '/orders/7?x=/mcp'))).toEqual([
      'https://api.example.com/orders/7',
      'https://eu.example.com/orders/7',
    ]);
  });

  it.each(['', '*', 'http://evil.example/mcp', '@evil.example/mcp'])(
    'is none where the target is %j',
    (url) => {
      expect(
        new ResourceNames(names, () => '').urlsFor(at('evil.example', url)),
      ).toEqual([]);
    },
  );
});

describe('a name that is derived', () => {
  const resource = new ResourceNames(undefined, () => '/api/mcp');

  it.each([
    ['localhost:3000', 'http://localhost:3000'],
    ['LOCALHOST:3000', 'http://localhost:3000'],
    ['127.0.0.1:80', 'http://127.0.0.1'],
    ['127.8.9.10:3000', 'http://127.8.9.10:3000'],
    ['[::1]:3000', 'http://[::1]:3000'],
    [undefined, 'http://localhost'],
  ])('follows Host %s', (host, origin) => {
    expect(resource.namesFor(at(host))).toEqual([`${origin}/api/mcp`]);
    expect(resource.nameFor(at(host))).toBe(`${origin}/api/mcp`);
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    'evil.example/localhost',
    '10.0.0.1:3000',
    '0.0.0.0',
    'a b',
    '[',
    'localhost:99999',
    '127.0.0.999',
    'localhost/x',
    'loc\talhost',
    // What the bytes of one letter in UTF-8 look like to Node's HTTP parser.
    '\u00c3\u0080',
    '\u00c0',
    '',
  ])('never follows Host %j, nor fails on it', (host) => {
    expect(resource.namesFor(at(host))).toEqual(['http://localhost/api/mcp']);
    expect(resource.metadataUrlFor(at(host))).toBe(
      'http://localhost/.well-known/oauth-protected-resource/api/mcp',
    );
  });

  it('follows the Host of each request, whatever came before', () => {
    for (const [host, origin] of [
      ['localhost:1', 'http://localhost:1'],
      ['localhost:1', 'http://localhost:1'],
      ['localhost:2', 'http://localhost:2'],
      ['evil.example', 'http://localhost'],
      ['localhost:1', 'http://localhost:1'],
      [undefined, 'http://localhost'],
    ] as const) {
      expect(resource.namesFor(at(host))).toEqual([`${origin}/api/mcp`]);
    }
  });

  it('follows nothing that was forwarded', () => {
    const headers = {
      host: 'localhost:3000',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-prefix': '/evil',
      forwarded: 'host=evil.example;proto=https',
    };
    expect(resource.namesFor({ headers })).toEqual([
      'http://localhost:3000/api/mcp',
    ]);
  });
});
