import { SseParser, type ServerSentEvent } from './route-response.js';

const STREAM =
  '\uFEFF: hello\r\nid: 1\r\nevent: tick\r\ndata: é1\r\ndata:2\r\n\r\n' +
  'retry: 5\n\ndata\n\rdata: last\r\rdata: unfinished';
const EVENTS: ServerSentEvent[] = [
  { type: 'tick', data: 'é1\n2' },
  { type: 'message', data: '' },
  { type: 'message', data: 'last' },
];

describe('server-sent events', () => {
  it.each([1, 2, 3, 7, 1000])('are read in pieces of %d bytes', (size) => {
    const events: ServerSentEvent[] = [];
    const parser = new SseParser((event) => events.push(event));
    const bytes = Buffer.from(STREAM);
    for (let at = 0; at < bytes.length; at += size) {
      parser.feed(bytes.subarray(at, at + size));
    }
    expect(events).toEqual(EVENTS);
  });
});
