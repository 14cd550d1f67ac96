import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import { AccessToken } from '../../auth/token/access-token.js';
import {
  getAccessToken,
  withoutRequest,
  setCurrentToken,
} from '../../auth/context/request-context.js';
import { VerifierUnavailableError } from '../../auth/token/token.errors.js';
import type { RequestWithHeaders } from '../../auth/credentials/auth.provider.js';
import type { ServerAuth } from '../../auth/server/server-auth.js';
import { StreamTokens } from './stream-tokens.js';

class Stream extends EventEmitter {
  readonly end = jest.fn(() => void this.emit('close'));
}

const tokenOf = ({ headers }: RequestWithHeaders, scopes: string[] = []) =>
  new AccessToken({
    token: headers.authorization?.split(' ')[1] ?? '',
    scopes,
  });

/** A server of which nothing but its verifier is there. */
function serverOf(recheckStreamsAfter?: number | false, verifiesTokens = true) {
  const asked: (string | undefined)[] = [];
  const server = {
    asked,
    scopes: [] as string[],
    judge: (request: RequestWithHeaders): unknown => tokenOf(request),
    open(authorization?: string): Stream {
      const stream = new Stream();
      const request: RequestWithHeaders = { headers: { authorization } };
      withoutRequest(() => {
        setCurrentToken(tokenOf(request, server.scopes), () => []);
        tokens.follow(request, stream as unknown as ServerResponse);
      });
      return stream;
    },
  };
  const tokens = new StreamTokens({
    verifiesTokens,
    settings: { recheckStreamsAfter },
    recheck: async (request: RequestWithHeaders) => {
      asked.push(request.headers.authorization);
      // Nobody's request is being served then.
      expect(getAccessToken()).toBeNull();
      return server.judge(request);
    },
  } as unknown as ServerAuth);
  return server;
}

const pass = (seconds: number) =>
  jest.advanceTimersByTimeAsync(Math.round(seconds * 1000));
const down = () => {
  throw new VerifierUnavailableError('down');
};

beforeAll(() => Logger.overrideLogger(false));
beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('verifies the token of a stream after a minute, and each further one', async () => {
  const server = serverOf();
  const stream = server.open('Bearer a');
  await pass(59);
  expect(server.asked).toEqual([]);
  await pass(2);
  expect(server.asked).toEqual(['Bearer a']);
  await pass(120);
  expect(server.asked).toHaveLength(3);
  expect(stream.end).not.toHaveBeenCalled();
});

it('ends all streams of a token that does not hold any longer, and no other', async () => {
  const server = serverOf(10);
  const [one, two, other] = ['Bearer a', 'Bearer a', 'Bearer b'].map((each) =>
    server.open(each),
  );
  server.judge = (request) =>
    request.headers.authorization === 'Bearer a' ? null : tokenOf(request);
  await pass(11);
  expect(one?.end).toHaveBeenCalledTimes(1);
  expect(two?.end).toHaveBeenCalledTimes(1);
  expect(other?.end).not.toHaveBeenCalled();
});

it.each<[string, (request: RequestWithHeaders) => unknown]>([
  ['is refused', () => Promise.reject(new Error('revoked'))],
  ['has other scopes', (request) => tokenOf(request, ['more'])],
  [
    'is of another caller',
    () => new AccessToken({ token: 'a', subject: 'eve' }),
  ],
])('ends the stream of a token that %s', async (_, judge) => {
  const server = serverOf(10);
  const stream = server.open('Bearer a');
  server.judge = judge;
  await pass(11);
  expect(stream.end).toHaveBeenCalledTimes(1);
});

it('bears an outage for five times as long, and no longer', async () => {
  const server = serverOf(10);
  const stream = server.open('Bearer a');
  server.judge = down;
  await pass(49);
  expect(server.asked).toHaveLength(4);
  expect(stream.end).not.toHaveBeenCalled();
  await pass(2);
  expect(stream.end).toHaveBeenCalledTimes(1);
});

it('counts an outage anew after an answer', async () => {
  const server = serverOf(10);
  const stream = server.open('Bearer a');
  server.judge = down;
  await pass(45);
  server.judge = tokenOf;
  await pass(10);
  server.judge = down;
  await pass(44);
  expect(stream.end).not.toHaveBeenCalled();
});

it('takes a verifier that never answers for an outage', async () => {
  const server = serverOf(10);
  const stream = server.open('Bearer a');
  server.judge = () => new Promise(() => undefined);
  await pass(60 + 30);
  expect(stream.end).toHaveBeenCalledTimes(1);
});

it('asks once for all streams of a token, and for ten tokens at a time', async () => {
  const server = serverOf(10);
  const answers: (() => void)[] = [];
  server.judge = (request) =>
    new Promise((resolve) => answers.push(() => resolve(tokenOf(request))));
  for (let index = 0; index < 100; index++) {
    server.open(`Bearer ${index % 25}`);
  }
  await pass(11);
  expect(server.asked).toHaveLength(10);
  answers.splice(0).forEach((answer) => answer());
  await pass(0.1);
  expect(server.asked).toHaveLength(20);
  answers.splice(0).forEach((answer) => answer());
  await pass(0.1);
  expect(new Set(server.asked).size).toBe(25);
  answers.splice(0).forEach((answer) => answer());
  await pass(0.1);
  expect(server.asked).toHaveLength(25);
});

it('counts from the latest stream, whose token has just been verified', async () => {
  const server = serverOf(10);
  server.open('Bearer a');
  await pass(9);
  server.open('Bearer a');
  await pass(9);
  expect(server.asked).toEqual([]);
  await pass(2);
  expect(server.asked).toEqual(['Bearer a']);
});

it('tells callers apart whose credentials it does not see', async () => {
  const server = serverOf(10);
  server.open();
  server.open();
  await pass(11);
  expect(server.asked).toHaveLength(2);
});

it('asks nobody once the streams are closed, and keeps no timer going', async () => {
  const server = serverOf(10);
  const streams = [server.open('Bearer a'), server.open('Bearer a')];
  streams.forEach((stream) => stream.emit('close'));
  await pass(100);
  expect(server.asked).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

it.each([
  ['it is switched off', false, true],
  ['nobody verifies tokens', 10, false],
] as const)('asks nobody where %s', async (_, option, verifiesTokens) => {
  const server = serverOf(option, verifiesTokens);
  server.open('Bearer a');
  await pass(1000);
  expect(server.asked).toEqual([]);
});

it('ends the streams of a token that another one was opened with, with other rights', async () => {
  const server = serverOf(10);
  server.scopes = ['admin'];
  const [one, two] = [server.open('Bearer a'), server.open('Bearer a')];
  server.scopes = [];
  const later = server.open('Bearer a');
  expect(one.end).toHaveBeenCalledTimes(1);
  expect(two.end).toHaveBeenCalledTimes(1);
  await pass(11);
  expect(server.asked).toEqual(['Bearer a']);
  expect(later.end).not.toHaveBeenCalled();
  server.judge = () => null;
  await pass(10);
  expect(later.end).toHaveBeenCalledTimes(1);
});
