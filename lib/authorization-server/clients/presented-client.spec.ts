import { presentedClient, type ParsedRequest } from './presented-client.js';

const header = (pair: string): string =>
  `Basic ${Buffer.from(pair).toString('base64')}`;

function read(body: object | undefined, authorization?: string) {
  return presentedClient({
    headers: { authorization },
    body,
  } as ParsedRequest);
}

describe('presentedClient', () => {
  it.each([
    ['a form with an id alone', { client_id: 'a' }, undefined, 'none', 'a'],
    [
      'a form with a secret',
      { client_id: 'a', client_secret: 's' },
      undefined,
      'client_secret_post',
      'a',
    ],
    [
      'a form with an empty secret',
      { client_id: 'a', client_secret: '' },
      undefined,
      'none',
      'a',
    ],
    [
      'a form with an assertion',
      { client_assertion: 'x' },
      undefined,
      'private_key_jwt',
      undefined,
    ],
    ['a header', {}, header('a:s'), 'client_secret_basic', 'a'],
    [
      'a header in form encoding',
      {},
      header('a%3Ab+c:s'),
      'client_secret_basic',
      'a:b c',
    ],
    [
      'a header in lower case',
      {},
      header('a:s').replace('Basic', 'basic'),
      'client_secret_basic',
      'a',
    ],
    [
      'a header that is not encoded rightly',
      {},
      header('%zz:s'),
      'client_secret_basic',
      undefined,
    ],
    [
      'a header of another scheme',
      { client_id: 'a' },
      'Bearer x',
      'client_secret_basic',
      'a',
    ],
    ['nothing', undefined, undefined, 'none', undefined],
    [
      'an id given twice',
      { client_id: ['a', 'b'] },
      undefined,
      'none',
      undefined,
    ],
  ])('reads %s', (_, body, authorization, method, clientId) => {
    expect(read(body, authorization)).toMatchObject({
      method,
      clientId,
      isContradictory: false,
    });
  });

  it.each([
    ['a header', {}, header('a:s'), 's'],
    ['a header in form encoding', {}, header('a:s%3A+%2B:t'), 's: +:t'],
    ['a form', { client_id: 'a', client_secret: 's' }, undefined, 's'],
    ['a form beside an empty header', { client_secret: 's' }, '', 's'],
    ['a header beside a form', { client_secret: 't' }, header('a:s'), 's'],
    ['a header without one', {}, header('a'), undefined],
    ['a form with two', { client_secret: ['s', 't'] }, undefined, undefined],
    ['nothing', undefined, undefined, undefined],
  ])('reads the secret of %s', (_, body, authorization, secret) => {
    expect(read(body, authorization).secret).toBe(secret);
  });

  it('sees that header and form name two clients', () => {
    expect(read({ client_id: 'b' }, header('a:s')).isContradictory).toBe(true);
    expect(read({ client_id: 'a' }, header('a:s')).isContradictory).toBe(false);
  });
});
