import { ResourceNames } from '../server/resource-names.js';
import { DocumentOwners, ROOT } from './mcp-metadata.controller.js';

const server = (
  endpoint: string,
  resource?: string | readonly string[],
  isServed = true,
) => {
  const names = new ResourceNames(resource, () => endpoint);
  return {
    metadataPaths: names.metadataPaths,
    metadataNames: isServed ? names.namesByMetadataPath : new Map(),
  };
};
const owners = (...servers: ReturnType<typeof server>[]) => {
  const all = new DocumentOwners<ReturnType<typeof server>>();
  servers.forEach((each) => all.add(each));
  return all;
};

it('is the only server at the root, at its names and at its endpoint, and nowhere else', () => {
  const only = server('/api/mcp', [
    'https://a.example/mcp',
    'https://b.example/v2/mcp/',
  ]);
  const all = owners(only);
  for (const path of ['', '/mcp', '/v2/mcp', '/api/mcp']) {
    expect(all.of(`${ROOT}${path}`)).toBe(only);
  }
  expect(all.of(`${ROOT}/other`)).toBeUndefined();
});

it('is nobody at the root where there are several, unless it is the name of one', () => {
  const one = server('/one', 'https://a.example/one');
  expect(
    owners(one, server('/two', 'https://a.example/two')).of(ROOT),
  ).toBeUndefined();
  const root = server('/three', 'https://mcp.example');
  expect(owners(one, root).of(ROOT)).toBe(root);
});

it('is whom the path was named for, before whose endpoint is there, in any order', () => {
  const one = server('/one', 'https://a.example/two');
  const two = server('/two', 'https://a.example/one');
  for (const all of [owners(one, two), owners(two, one)]) {
    expect(all.of(`${ROOT}/one`)).toBe(two);
    expect(all.of(`${ROOT}/two`)).toBe(one);
  }
});

it.each([
  ['https://a.example/mcp', 'https://b.example/mcp'],
  ['https://a.example/mcp/', 'https://a.example/mcp'],
  ['https://a.example', 'https://b.example:8443/'],
])('refuses %s and %s, whose documents are at one path', (one, two) => {
  expect(() => owners(server('/one', one), server('/two', two))).toThrow(
    `auth.resource of two servers is "${one}" and "${two}"`,
  );
});

it('takes a server without a name for one with that of its endpoint', () => {
  expect(() =>
    owners(server('/mcp'), server('/two', 'https://a.example/mcp')),
  ).toThrow('is "http://localhost/mcp" and "https://a.example/mcp"');
});

it('leaves the paths of a server that has no document to another', () => {
  const named = server('/one', 'https://a.example/mcp');
  for (const all of [
    owners(server('/mcp', undefined, false), named),
    owners(named, server('/mcp', undefined, false)),
  ]) {
    expect(all.of(`${ROOT}/mcp`)).toBe(named);
  }
});

it('lets one server have several names at one path', () => {
  expect(() =>
    owners(server('/mcp', ['https://a.example/mcp', 'https://b.example/mcp'])),
  ).not.toThrow();
});
