import {
  comparableResource,
  distinctResources,
  sameResource,
} from './audience-rule.js';

describe('the name of a resource', () => {
  it.each([
    ['https://api.example.com', 'https://api.example.com/'],
    ['https://API.Example.com/mcp', 'https://api.example.com/mcp'],
    ['HTTPS://api.example.com/mcp', 'https://api.example.com/mcp'],
    ['https://api.example.com:443/mcp', 'https://api.example.com/mcp'],
    ['http://127.0.0.1:80', 'http://127.0.0.1/'],
    ['https://api.example.com/a/../mcp', 'https://api.example.com/mcp'],
  ])('%s is %s', (some, other) => {
    expect(comparableResource(some)).toBe(comparableResource(other));
    expect(sameResource([other], some)).toBe(other);
  });

  it.each([
    ['https://api.example.com/mcp', 'https://api.example.com/mcp/'],
    ['https://api.example.com/mcp', 'https://api.example.com/MCP'],
    ['https://api.example.com', 'http://api.example.com'],
    ['https://api.example.com', 'https://api.example.com.'],
    ['https://api.example.com', 'https://api.example.com/?'],
    ['https://api.example.com', 'https://api.example.com\n'],
    ['https://api.example.com/', 'https:\\\\api.example.com'],
    ['https://api.example.com/', 'https:api.example.com'],
    ['urn:example:api', 'URN:example:api'],
    ['atlas', 'ATLAS'],
  ])('%j is not %j', (some, other) => {
    expect(sameResource([other], some)).toBeUndefined();
  });

  it('is the one with the same letters, where several mean the same', () => {
    expect(
      sameResource(['https://a.test', 'https://a.test/'], 'https://a.test/'),
    ).toBe('https://a.test/');
  });

  it('is given once, as it was given first', () => {
    const [some, other] = ['https://A.test', 'https://b.test/mcp'];
    expect(distinctResources([some, other, 'https://a.test/', other])).toEqual([
      some,
      other,
    ]);
  });
});
