import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { jest } from '@jest/globals';
import type { EndpointRequest } from './endpoint-request.js';
import { OpenRequests } from './open-requests.js';

const INTERVAL = 15_000;

/** An exchange that is open until it is told to close. */
function exchangeOf(staysOpen = false) {
  const response = new EventEmitter() as unknown as ServerResponse;
  const keepOpen = jest.fn();
  const exchange = {
    request: {},
    response,
    staysOpen,
    writer: { keepOpen },
  } satisfies EndpointRequest;
  return {
    keepOpen,
    addTo: (open: OpenRequests) => open.add(exchange, response),
    close: () => response.emit('close'),
  };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('keeps each exchange open after the interval, and each further one', () => {
  const open = new OpenRequests(INTERVAL);
  const first = exchangeOf();
  const second = exchangeOf(true);
  first.addTo(open);
  jest.advanceTimersByTime(10_000);
  second.addTo(open);
  jest.advanceTimersByTime(4_999);
  expect(first.keepOpen).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(first.keepOpen).toHaveBeenCalledTimes(1);
  expect(second.keepOpen).not.toHaveBeenCalled();
  jest.advanceTimersByTime(10_000);
  expect(second.keepOpen).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(60_000);
  expect(first.keepOpen).toHaveBeenCalledTimes(5);
  expect(second.keepOpen).toHaveBeenCalledTimes(5);
});

it('has one timer for all, and none once nothing is open', () => {
  const open = new OpenRequests(INTERVAL);
  for (let index = 0; index < 1000; index++) {
    const short = exchangeOf();
    short.addTo(open);
    short.close();
    expect(short.keepOpen).not.toHaveBeenCalled();
  }
  const long = Array.from({ length: 1000 }, () => exchangeOf());
  long.forEach((each) => each.addTo(open));
  expect(jest.getTimerCount()).toBe(1);
  jest.advanceTimersByTime(3 * INTERVAL);
  expect(jest.getTimerCount()).toBe(1);
  long.forEach((each) => each.close());
  jest.advanceTimersByTime(INTERVAL);
  expect(jest.getTimerCount()).toBe(0);
});

it('counts calls, and streams beside them', () => {
  const open = new OpenRequests(INTERVAL);
  const call = exchangeOf();
  const stream = exchangeOf(true);
  call.addTo(open);
  stream.addTo(open);
  expect([open.runningCalls, open.size]).toEqual([1, 2]);
  call.close();
  expect([open.runningCalls, open.size]).toEqual([0, 1]);
  stream.close();
  expect([open.runningCalls, open.size]).toEqual([0, 0]);
});

it('goes on with the others where one cannot be kept open', () => {
  const open = new OpenRequests(INTERVAL);
  const broken = exchangeOf();
  const sound = exchangeOf();
  broken.keepOpen.mockImplementation(() => {
    throw new Error('Invalid character in header content');
  });
  broken.addTo(open);
  sound.addTo(open);
  jest.advanceTimersByTime(2 * INTERVAL);
  expect(sound.keepOpen).toHaveBeenCalledTimes(2);
});

it('keeps nothing open with an interval of 0', () => {
  const open = new OpenRequests(0);
  const call = exchangeOf();
  call.addTo(open);
  expect(jest.getTimerCount()).toBe(0);
});
