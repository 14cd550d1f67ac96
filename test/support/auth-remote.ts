import type { INestApplication } from '@nestjs/common';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Has every connection of the application seem to come from another machine. */
export function fromFarAway(app: INestApplication): void {
  (app.getHttpServer() as Server).on('connection', (socket: Socket) => {
    Object.defineProperty(socket, 'remoteAddress', { value: '203.0.113.9' });
  });
}
