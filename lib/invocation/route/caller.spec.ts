import { callerOf } from './caller.js';

it.each(['', undefined])(
  "takes the connection's address where a plugin leaves %j",
  (ip) => {
    const socket = { remoteAddress: '192.0.2.7' };
    expect(callerOf({ ip, headers: {}, socket }).address).toBe('192.0.2.7');
  },
);
