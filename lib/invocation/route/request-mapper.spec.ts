import { parse } from 'node:querystring';
import type {
  ArgumentTarget,
  BodyEncoding,
} from '../../schema/input/argument-target.js';
import { createQueryWriter } from '../encoding/query.writer.js';
import { createRequestMapper } from './request-mapper.js';
import type { RouteTarget } from './request-mapper.js';

interface Setup {
  path?: string;
  method?: string;
  bindings?: ArgumentTarget[];
  openBody?: boolean;
  bodyEncoding?: BodyEncoding;
  headers?: Record<string, string>;
}

function map(setup: Setup, args: Record<string, unknown>) {
  const target: RouteTarget = {
    route: {} as RouteTarget['route'],
    url: { path: setup.path ?? '/cats', version: undefined },
    httpMethod: setup.method ?? 'POST',
    input: {
      schema: { type: 'object' },
      bindings: setup.bindings ?? [],
      openBody: setup.openBody ?? false,
      bodyEncoding: setup.bodyEncoding ?? 'none',
    },
    headers: setup.headers ?? {},
  };
  return createRequestMapper(target, createQueryWriter(parse), {
    path: 'express',
    form: 'brackets',
  })(args);
}

async function body(setup: Setup, args: Record<string, unknown>) {
  return (await map(setup, args)).body?.toString();
}

const bind = (
  source: ArgumentTarget['source'],
  argument: string,
  field: string | undefined = argument,
): ArgumentTarget => ({ argument, source, field });

describe('request mapper', () => {
  it('puts every argument where its binding says', async () => {
    const spec = await map(
      {
        path: '/cats/:id',
        method: 'put',
        bindings: [
          bind('path', 'id'),
          bind('query', 'query_id', 'id'),
          bind('header', 'tenant', 'X-Tenant'),
          bind('body', 'body_id', 'id'),
        ],
        bodyEncoding: 'json',
        headers: { 'x-version': '2' },
      },
      { id: 1, query_id: 2, tenant: 'acme', body_id: 3 },
    );
    expect(spec).toMatchObject({
      method: 'PUT',
      url: '/cats/1?id=2',
      headers: {
        'x-tenant': 'acme',
        'x-version': '2',
        'content-type': 'application/json',
        'content-length': '8',
      },
    });
    expect(spec.body?.toString()).toBe('{"id":3}');
  });

  it('sends no body where the route has none', async () => {
    const spec = await map({ bodyEncoding: 'none' }, { stray: 1 });
    expect(spec.body).toBeUndefined();
    expect(spec.headers['content-type']).toBeUndefined();
  });

  it('sends {} for a body of which no field is given', async () => {
    const setup: Setup = {
      bodyEncoding: 'json',
      bindings: [bind('body', 'name')],
    };
    expect(await body(setup, {})).toBe('{}');
    expect(await body(setup, { name: null })).toBe('{"name":null}');
  });

  it('puts arguments without a binding into an open body alone', async () => {
    const setup: Setup = { bodyEncoding: 'json', openBody: true };
    expect(await body(setup, { a: 1 })).toBe('{"a":1}');
    expect(await body({ ...setup, openBody: false }, { a: 1 })).toBe('{}');
    const odd = JSON.parse('{"__proto__":{"x":1}}') as Record<string, unknown>;
    expect(await body(setup, odd)).toBe('{"__proto__":{"x":1}}');
  });

  it('sends a body that is one value as it is', async () => {
    const setup: Setup = {
      bodyEncoding: 'json',
      bindings: [{ argument: 'body', source: 'body', field: undefined }],
    };
    expect(await body(setup, { body: [1, null] })).toBe('[1,null]');
    expect(await body(setup, {})).toBeUndefined();
  });

  it('leaves null out of query and headers and refuses it in the path', async () => {
    const bindings = [bind('query', 'q'), bind('header', 'x-h')];
    const spec = await map({ bindings }, { q: null, 'x-h': null });
    expect(spec.url).toBe('/cats');
    expect(spec.headers).toEqual({ accept: '*/*' });
    const path = { path: '/cats/:id', bindings: [bind('path', 'id')] };
    expect(() => map(path, { id: null })).toThrow('"id" is missing');
  });

  it.each([
    'authorization',
    'Cookie',
    'origin',
    'sec-fetch-site',
    'connection',
    'transfer-encoding',
    'content-length',
    'mcp-session-id',
    'x-forwarded-for',
    'forwarded',
    'host',
  ])('never sets the header %s from an argument', (name) => {
    const setup = { bindings: [bind('header', 'h', name)] };
    expect(() => map(setup, { h: 'x' })).toThrow('not for callers to set');
  });

  it.each(['a\r\nx-admin: 1', 'a\nb', 'a\0b', 'ł', { a: 1 }])(
    'refuses %j as a header value',
    (value) => {
      const setup = { bindings: [bind('header', 'x-h')] };
      expect(() => map(setup, { 'x-h': value })).toThrow('cannot be a header');
    },
  );

  it('keeps headers fixed by the developer', async () => {
    const spec = await map(
      { bindings: [bind('header', 'x-v')], headers: { 'x-v': '2' } },
      { 'x-v': '1' },
    );
    expect(spec.headers['x-v']).toBe('2');
  });

  it('encodes forms', async () => {
    const setup: Setup = {
      bodyEncoding: 'urlencoded',
      bindings: [bind('body', 'a b'), bind('body', 'tags')],
    };
    const form = await body(setup, { 'a b': 'x&y', tags: ['1'] });
    expect(form).toBe('a%20b=x%26y&tags[]=1');
  });

  it('encodes multipart forms with files', async () => {
    const setup: Setup = {
      bodyEncoding: 'multipart',
      bindings: [bind('body', 'title'), bind('file', 'photo')],
    };
    const data = Buffer.from([0, 255, 13, 10]);
    const spec = await map(setup, {
      title: 'é',
      photo: {
        name: 'a"b.png',
        mimeType: 'image/png',
        data: data.toString('base64'),
      },
    });
    const form = await new Response(new Uint8Array(spec.body as Buffer), {
      headers: { 'content-type': spec.headers['content-type'] as string },
    }).formData();
    expect(form.get('title')).toBe('é');
    const file = form.get('photo') as File;
    expect([file.name, file.type]).toEqual(['a"b.png', 'image/png']);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(data);
  });

  it.each([
    ['no base64!', 'not base64'],
    ['YQ', 'not base64'],
  ])('refuses a file whose data is %s', async (data, message) => {
    const setup: Setup = {
      bodyEncoding: 'multipart',
      bindings: [bind('file', 'photo')],
    };
    await expect(
      Promise.resolve(map(setup, { photo: { name: 'x', data } })),
    ).rejects.toThrow(message);
    await expect(Promise.resolve(map(setup, { photo: 'x' }))).rejects.toThrow(
      'must be a file',
    );
  });
});
