import { decodeProtectedHeader } from 'jose';
import { Sealer } from './sealer.js';

const OLD = 'an-old-secret-of-32-characters-and-more';
const NEW = 'a-new-secret-of-32-characters-and-more!';
const value = { accessToken: 'upstream-token', list: [1, null, 'ä'] };

it('opens what it sealed, and shows nothing of it', async () => {
  const sealer = new Sealer([OLD], 'tokens');
  const sealed = await sealer.seal('place', value);
  await expect(sealer.open('place', sealed)).resolves.toEqual(value);
  const parts = sealed.split('.').map((part) => Buffer.from(part, 'base64url'));
  expect(Buffer.concat(parts).toString('latin1')).not.toMatch(/upstream|place/);
  expect(decodeProtectedHeader(sealed)).toEqual({
    alg: 'dir',
    enc: 'A256GCM',
    kid: expect.stringMatching(/^[\w-]{12}$/),
  });
});

it('seals the same value anew each time', async () => {
  const sealer = new Sealer([OLD], 'tokens');
  expect(await sealer.seal('place', value)).not.toBe(
    await sealer.seal('place', value),
  );
});

it('seals with the first secret, and opens with any', async () => {
  const before = new Sealer([OLD], 'tokens');
  const between = new Sealer([NEW, OLD], 'tokens');
  const after = new Sealer([NEW], 'tokens');
  const old = await before.seal('place', 'old');
  const young = await between.seal('place', 'young');
  await expect(between.open('place', old)).resolves.toBe('old');
  await expect(after.open('place', young)).resolves.toBe('young');
  await expect(after.open('place', old)).resolves.toBeUndefined();
  await expect(before.open('place', young)).resolves.toBeUndefined();
});

it('opens nothing that was sealed for another purpose or another place', async () => {
  const sealed = await new Sealer([OLD], 'tokens').seal('ada', value);
  for (const [purpose, place] of [
    ['cookies', 'ada'],
    ['tokens', 'bob'],
  ] as const) {
    const sealer = new Sealer([OLD], purpose);
    await expect(sealer.open(place, sealed)).resolves.toBeUndefined();
  }
});

it('opens nothing that was changed, or is no seal', async () => {
  const sealer = new Sealer([OLD], 'tokens');
  const [header, , iv, text, tag] = (await sealer.seal('place', value)).split(
    '.',
  );
  const turned = [...text!].reverse().join('');
  for (const sealed of [
    `${header}..${iv}.${turned}.${tag}`,
    `${header}..${iv}.${text}.`,
    'eyJhbGciOiJub25lIn0...',
    'no seal',
    '',
    undefined,
    null,
    { value },
  ]) {
    await expect(sealer.open('place', sealed)).resolves.toBeUndefined();
  }
});

it('does not start without a secret', () => {
  expect(() => new Sealer([], 'tokens')).toThrow(
    'The list of secrets is empty',
  );
});
