import express, { json } from 'express';
import { haveSameShape } from '../../test/support/shapes.js';
import { createInnerResponse } from '../invocation/route/inner-response.js';
import { callerOf } from '../invocation/route/caller.js';
import { innerClasses } from './inner-classes.js';
import { createInnerRequest } from '../invocation/route/inner-request.js';

it('requests and responses keep one shape in Express', async () => {
  const seen: { readonly request: object; readonly response: object }[] = [];
  const app = express();
  app.use(json());
  app.post('/', (request, response) => {
    seen.push({ request, response });
    response.status(200).json({ body: request.body as unknown });
  });
  const { Request, Response } = innerClasses(app);
  for (let i = 0; i < 4; i++) {
    const body = Buffer.from('{"a":1}');
    const headers = {
      'content-type': 'application/json',
      'content-length': String(body.length),
    };
    const request = createInnerRequest(
      { method: 'POST', url: '/', headers, body },
      callerOf(undefined),
      Request,
    );
    const chunks: Buffer[] = [];
    await new Promise<void>((done) => {
      const sink = {
        onHead: () => undefined,
        onChunk: (chunk: Buffer) => chunks.push(chunk),
        onEnd: () => done(),
      };
      app(
        request as never,
        createInnerResponse(request, sink, Response) as never,
      );
    });
    expect(Buffer.concat(chunks).toString()).toBe('{"body":{"a":1}}');
  }
  const [first, second] = seen.slice(-2);
  expect(haveSameShape(first!.request, second!.request)).toBe(true);
  expect(haveSameShape(first!.response, second!.response)).toBe(true);
});
