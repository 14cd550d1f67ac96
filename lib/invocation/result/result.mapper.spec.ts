import { CallTimeoutError } from '../call/call.errors.js';
import { RefusedArgumentError } from '../call/call.errors.js';
import type { RouteResponse } from '../route/route-response.js';
import { failedResult, failureOfError } from './failure.js';
import { mapResult } from './result.mapper.js';
import type { ResultOptions } from './result-options.js';

const logged: string[] = [];
const base: ResultOptions = {
  label: 'Tool "cats"',
  toolName: 'cats',
  maxResultBytes: 200,
  narrowingArguments: ['limit', 'q'],
  logger: {
    error: (message) => void logged.push(String(message)),
    warn: (message) => void logged.push(String(message)),
  },
};

function map(
  response: Partial<Omit<RouteResponse, 'body'>> & { body?: string | Buffer },
  options: Partial<ResultOptions> = {},
) {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const { result, failure } = mapResult(
    {
      status: 200,
      headers,
      ...response,
      body: Buffer.from(response.body ?? ''),
    },
    { ...base, ...options },
  );
  return failure
    ? { result: failedResult(failure), status: failure.status }
    : { result };
}

const text = (value: string) => ({ type: 'text', text: value });

describe('result mapper', () => {
  beforeEach(() => logged.splice(0));

  it('gives JSON as text and as structured content', () => {
    expect(map({ body: '{"a":[1,2]}' })).toEqual({
      result: {
        content: [text('{"a":[1,2]}')],
        structuredContent: { a: [1, 2] },
      },
    });
    expect(map({ body: '{\n "a": 1\n}' }).result.content).toEqual([
      text('{"a":1}'),
    ]);
    expect(map({ body: 'null' }).result.structuredContent).toBeNull();
  });

  it('gives text as text, in its charset', () => {
    const headers = { 'content-type': 'text/plain; charset=iso-8859-1' };
    expect(map({ headers, body: Buffer.from([0xe9]) }).result).toEqual({
      content: [text('é')],
    });
    expect(map({ headers: {}, body: 'plain' }).result.content).toEqual([
      text('plain'),
    ]);
  });

  it.each(['image/png', 'audio/mpeg'])('gives %s as content', (mimeType) => {
    const headers = { 'content-type': mimeType };
    expect(map({ headers, body: 'abc' }).result.content).toEqual([
      { type: mimeType.split('/')[0], data: 'YWJj', mimeType },
    ]);
  });

  it('embeds other bytes as a resource', () => {
    const headers = {
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="x.pdf"; filename*=UTF-8''%C3%A9%20.pdf`,
    };
    expect(map({ headers, body: 'abc' }).result.content).toEqual([
      {
        type: 'resource',
        resource: {
          uri: 'mcp-result://cats/%C3%A9%20.pdf',
          mimeType: 'application/pdf',
          blob: 'YWJj',
        },
      },
    ]);
  });

  it('gives an empty text for 204', () => {
    expect(map({ status: 204, headers: {} }).result).toEqual({
      content: [text('')],
    });
  });

  it('reports a redirect and does not call it an error', () => {
    expect(map({ status: 302, headers: { location: '/x' } }).result).toEqual({
      content: [text('Redirect 302 to /x')],
    });
  });

  it("gives a 4xx with the application's own message", () => {
    const body = {
      statusCode: 404,
      message: 'No such cat',
      error: 'Not Found',
    };
    expect(map({ status: 404, body: JSON.stringify(body) })).toEqual({
      result: {
        content: [text('404 Not Found: No such cat')],
        isError: true,
        structuredContent: body,
      },
      status: 404,
    });
    const list = map({ status: 400, body: '{"message":["a","b"]}' });
    expect(list.result.content).toEqual([text('400 Bad Request: a; b')]);
    const own = map({ status: 422, body: '{"code":7,"message":"m"}' });
    expect(own.result.content).toEqual([
      text('422 Unprocessable Entity: {"code":7,"message":"m"}'),
    ]);
    const promised = map(
      { status: 404, body: JSON.stringify(body) },
      { outputValidator: () => undefined },
    );
    expect(promised.result.structuredContent).toBeUndefined();
  });

  it.each([401, 403])('keeps the status of a %d, for a challenge', (status) => {
    expect(map({ status, body: '{"message":"no"}' }).status).toBe(status);
  });

  it('tells the retry time of a 429, of named throttlers too', () => {
    const headers = {
      'content-type': 'application/json',
      'retry-after-short': 3,
      'retry-after-long': '40',
    };
    const { result } = map({ status: 429, headers, body: '{"message":"m"}' });
    expect(result.content).toEqual([
      text('429 Too Many Requests: m\nRetry after 40 seconds.'),
    ]);
  });

  it('masks a 5xx and logs it', () => {
    const { result } = map({ status: 500, body: '{"message":"db password"}' });
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result)).not.toContain('password');
    expect(logged.join()).toContain('db password');
  });

  it('cuts the largest array between elements and says how to narrow', () => {
    const items = Array.from({ length: 50 }, (_, id) => ({ id }));
    const value = { page: { items, tags: [1, 2] }, total: 50 };
    const { result } = map({ body: JSON.stringify(value) });
    const [first, second] = result.content as { text: string }[];
    expect(Buffer.byteLength(first?.text ?? '')).toBeLessThanOrEqual(200);
    expect(JSON.parse(first?.text ?? '')).toEqual(result.structuredContent);
    const shown = (result.structuredContent as typeof value).page.items.length;
    expect(shown).toBeGreaterThan(10);
    expect(result.structuredContent).toEqual({
      page: { items: items.slice(0, shown), tags: [1, 2] },
      total: 50,
    });
    expect(second?.text).toBe(
      `The result is cut: ${shown} of 50 elements of "page.items" are shown (limit 200 bytes). To get less, use: limit, q.`,
    );
  });

  it.each([
    ['an object', JSON.stringify({ a: 'x'.repeat(300) })],
    ['an array of one large element', JSON.stringify(['x'.repeat(300), 1])],
  ])('refuses %s that cannot be cut', (_name, body) => {
    const { result } = map({ body });
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result)).toContain('larger than 200 bytes');
  });

  it.each(['text/plain', 'image/png', 'application/pdf'])(
    'never cuts %s',
    (type) => {
      const headers = { 'content-type': type };
      const { result } = map({ headers, body: 'x'.repeat(201) });
      expect(result.isError).toBe(true);
      expect(result.content).toHaveLength(1);
    },
  );

  it('holds a result to its output schema', () => {
    const outputValidator = (value: unknown) =>
      (value as { id?: unknown }).id === 1
        ? undefined
        : { path: '/id', message: 'must be 1' };
    expect(map({ body: '{"id":1}' }, { outputValidator }).result.isError).toBe(
      undefined,
    );
    const { result } = map({ body: '{"id":2}' }, { outputValidator });
    expect(result).toEqual({
      content: [
        text(
          '"/id" breaks the output schema: must be 1. The call was carried out all the same: do not repeat it.',
        ),
      ],
      isError: true,
    });
    expect(logged).toHaveLength(1);
  });

  it('tries text as a value of the output schema, then the JSON in it', () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    const isNumber = (value: unknown) =>
      typeof value === 'number' ? undefined : { path: '', message: 'number' };
    const options = { outputValidator: isNumber };
    expect(map({ headers, body: '5' }, options).result.structuredContent).toBe(
      5,
    );
    expect(map({ headers, body: 'five' }, options).result.isError).toBe(true);
  });

  it('gives the events of a stream as an array', () => {
    const events = ['{"a":1}', 'b', 'null'].map((data) => ({
      type: 'message',
      data,
    }));
    expect(map({ events }).result.structuredContent).toEqual([
      { a: 1 },
      'b',
      null,
    ]);
    const stopped = map({ events, stopped: true }).result;
    expect(stopped.content[1]).toMatchObject({
      text: 'The stream was stopped after 3 events: it passed 200 bytes.',
    });
    const failed = map({ events: [{ type: 'error', data: 'secret' }] }).result;
    expect(failed.isError).toBe(true);
    expect(JSON.stringify(failed)).not.toContain('secret');
  });

  it('tells refused arguments and timeouts, and masks what crashed', () => {
    const say = (error: unknown) =>
      failedResult(failureOfError(error, base)).content;
    expect(say(new RefusedArgumentError('id', 'is missing'))).toEqual([
      text('Argument "id" is missing'),
    ]);
    expect(say(new CallTimeoutError(50))).toEqual([
      text('The call timed out after 50 ms.'),
    ]);
    expect(JSON.stringify(say(new Error('secret')))).not.toContain('secret');
    expect(logged.join()).toContain('secret');
  });
});
