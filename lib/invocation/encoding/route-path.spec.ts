import { match } from 'path-to-regexp';
import type { PathSyntax } from './path-pattern.js';
import { compileRoutePath, pathParametersOf } from './route-path.js';

/** What Fastify alone writes: `*` at the end, `:id?`, `:id(…)`, `::`. */
const syntaxOf = (path: string): PathSyntax =>
  /\*$|[(?]|::/.test(path) ? 'fastify' : 'express';

describe('route path', () => {
  it.each([
    ['/cats/:id', ['id']],
    ['/cats/:id{/:part}', ['id', 'part']],
    ['/files/*path', ['path']],
    ['/files/*', ['*']],
    ['/cats/:id(^\\d+$)', ['id']],
    ['/range/:from-:to', ['from', 'to']],
    ['/at::home/:id?', ['id']],
    ['/cats', []],
  ])('finds the parameters of %s', (path, parameters) => {
    expect(pathParametersOf(path, syntaxOf(path))).toEqual(parameters);
  });

  it.each([
    ['/cats/:id', { id: 'a/b?c#d%2e' }, '/cats/a%2Fb%3Fc%23d%252e'],
    ['/cats/:id', { id: 12 }, '/cats/12'],
    ['/cats/:id{/:part}', { id: 'a' }, '/cats/a'],
    ['/cats/:id{/:part}', { id: 'a', part: 'b' }, '/cats/a/b'],
    ['/files/*path', { path: 'a b/c' }, '/files/a%20b/c'],
    ['/files/*path', { path: ['a/b', 'c'] }, '/files/a%2Fb/c'],
    ['/files/*', { '*': 'a/b' }, '/files/a/b'],
    ['/cats/:id(^\\d+$)/x', { id: 7 }, '/cats/7/x'],
    ['/cats/:id((?:a|\\)))', { id: 'a' }, '/cats/a'],
    ['/cats/:id?', {}, '/cats'],
    ['/cats/:id?', { id: 'x' }, '/cats/x'],
    ['/at::home', {}, '/at:home'],
    ['/at\\:home', {}, '/at:home'],
  ])('builds %s from %j', (path, values, expected) => {
    expect(compileRoutePath(path, syntaxOf(path)).build(values)).toBe(expected);
  });

  it.each(['', '.', '..'])('refuses "%s" as a value', (value) => {
    expect(() =>
      compileRoutePath('/cats/:id', 'express').build({ id: value }),
    ).toThrow('Argument "id" must not be');
  });

  it.each(['', 'a/../b', 'a//b', '/a', './a', ['a', '..']])(
    'refuses %j in a wildcard',
    (value) => {
      const path = compileRoutePath('/files/*path', 'express');
      expect(() => path.build({ path: value })).toThrow('must not be');
    },
  );

  it.each([undefined, null])('refuses %s for a required parameter', (value) => {
    expect(() =>
      compileRoutePath('/cats/:id', 'express').build({ id: value }),
    ).toThrow('Argument "id" is missing');
  });

  it('refuses a group of which one value is missing', () => {
    const path = compileRoutePath('/a{/:b-:c}', 'express');
    expect(() => path.build({ b: 'x' })).toThrow('Argument "c" is missing');
  });

  it('refuses lone surrogates and objects', () => {
    const path = compileRoutePath('/cats/:id', 'express');
    expect(() => path.build({ id: '\ud800' })).toThrow('well-formed');
    expect(() => path.build({ id: { a: 1 } })).toThrow('must be a string');
  });

  it('names the argument, where the caller calls it otherwise', () => {
    const path = compileRoutePath('/cats/:id', 'express', { id: 'path_id' });
    expect(() => path.build({ id: '' })).toThrow('Argument "path_id"');
  });

  it('keeps several values of one segment apart on Express', () => {
    const url = compileRoutePath('/r/:a-:b', 'express').build({
      a: 'x-y',
      b: 'z-1',
    });
    expect(match('/r/:a-:b')(url)).toMatchObject({
      params: { a: 'x-y', b: 'z-1' },
    });
  });

  it('takes a value back as it is, and names the one that is not', () => {
    const path = compileRoutePath('/r/:a-:b', 'fastify');
    const sent = { a: 'x', b: 7 };
    expect(path.misread(sent, { a: 'x', b: '7' })).toBeUndefined();
    expect(path.misread(sent, { a: 'x-y', b: '7' })).toBe('a');
    expect(path.misread(sent, { a: 'x' })).toBe('b');
    expect(path.misread(sent, { a: 'x', b: '7', c: 'z' })).toBe('c');
  });

  it.each([
    ['a/b', ['a', 'b'], undefined],
    ['a/b', 'a/b', undefined],
    [['a', 'b'], ['a', 'b'], undefined],
    [['a', 'b'], 'a/b', undefined],
    [['a/b'], ['a', 'b'], 'rest'],
    [['a/b'], 'a/b', 'rest'],
    ['a', ['a', 'b'], 'rest'],
  ])('takes a wildcard %j back as %j: %s', (sent, read, misread) => {
    const path = compileRoutePath('/*rest', 'express');
    expect(path.misread({ rest: sent }, { rest: read })).toBe(misread);
  });

  it('takes an optional value that was left out back as nothing', () => {
    const path = compileRoutePath('/a{/:b}', 'express');
    expect(path.misread({}, {})).toBeUndefined();
    expect(path.misread({ b: null }, { b: '' })).toBeUndefined();
    expect(path.misread({}, { b: 'x' })).toBe('b');
  });

  it('makes an ordinary path of the same shape', () => {
    const like = (pattern: string, values: object) =>
      compileRoutePath(pattern, 'express')
        .buildOrdinary(values as never)
        ?.replaceAll(/[0-9a-f]{32}/g, '_');
    expect(like('/a/b', {})).toBeUndefined();
    expect(like('/a/:b', { b: 'all' })).toBe('/a/_');
    expect(like('/a{/:b}', {})).toBe('/a');
    expect(like('/a{/:b}', { b: 'x' })).toBe('/a/_');
    expect(like('/a/*b', { b: 'x/y' })).toBe('/a/_/_');
    expect(like('/a/*b', { b: ['x/z', 'y'] })).toBe('/a/_/_');
  });

  it.each([
    ['/*', 'path', '/a/b%20c'],
    ['/files/*', 'path', '/files/a/b%20c'],
    ['/files/(.*)', 'path', '/files/a/b%20c'],
    ['/files/+', 'path', '/files/a/b%20c'],
    ['/files/{*path}', 'path', '/files/a/b%20c'],
    ['/api/*/info', 'path4', '/api/a/b%20c/info'],
  ])(
    'reads %s as Nest registers it on Express, with one value for the rest',
    (pattern, name, url) => {
      const path = compileRoutePath(pattern, 'express');
      expect(path.parameters).toEqual([name]);
      expect(pathParametersOf(pattern, 'express')).toEqual([name]);
      expect(path.build({ [name]: 'a/b c' })).toBe(url);
    },
  );

  it('keeps the wildcard of Fastify by its own name', () => {
    expect(pathParametersOf('/files/*', 'fastify')).toEqual(['*']);
    const path = compileRoutePath('/files/*', 'fastify');
    expect(path.build({ '*': 'a/b c' })).toBe('/files/a/b%20c');
  });

  it('stops at start-up on a path that its adapter cannot read', () => {
    expect(() => compileRoutePath('/cats/:id(', 'fastify')).toThrow(
      'never closed',
    );
    expect(() => compileRoutePath('/cats/:', 'express')).toThrow(TypeError);
  });
});
