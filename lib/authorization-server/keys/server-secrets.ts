import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Logger } from '@nestjs/common';

/** Secrets of a server: the first is used, all are accepted. */
export class ServerSecrets {
  readonly all: readonly [string, ...string[]];

  /** @throws Error in production where none is configured */
  constructor(configured: readonly string[] | undefined) {
    const [first, ...others] = configured ?? [];
    this.all = [first ?? randomSecret(), ...others];
  }

  /** A value that nobody else can make of this text, for one purpose. */
  sign(purpose: string, text: string): string {
    return mac(this.all[0], purpose, text);
  }

  /** Whether the value was made of this text by {@link sign}, in constant time. */
  verify(purpose: string, text: string, value: unknown): boolean {
    const given = Buffer.from(typeof value === 'string' ? value : '');
    return this.all.some((secret) => {
      const expected = Buffer.from(mac(secret, purpose, text));
      return (
        given.length === expected.length && timingSafeEqual(given, expected)
      );
    });
  }
}

function mac(secret: string, purpose: string, text: string): string {
  return createHmac('sha256', secret)
    .update(`${purpose}\0${text}`)
    .digest('base64url');
}

function randomSecret(): string {
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      'secrets is missing, which the authorization server needs in production. ' +
        'Set it on the module to one or more secrets of 32 characters that are ' +
        'the same for every instance, such as by `openssl rand -hex 32`: ' +
        'McpModule.forRoot({ secrets }).',
    );
  }
  new Logger('McpAuthorizationServer').warn(
    'Cookies are signed by a random secret: a restart ends every login. Set ' +
      'secrets of the module: McpModule.forRoot({ secrets }).',
  );
  return randomBytes(32).toString('hex');
}
