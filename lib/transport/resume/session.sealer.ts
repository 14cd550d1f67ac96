import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import {
  seal,
  unseal,
} from '../../authorization-server/storage/sealed-value.js';

/** What is sealed of a session; one cannot be put in the place of another. */
type Purpose = 'owner' | 'state' | 'events';

/** Encrypts what is kept of sessions, each for itself alone. */
export class SessionSealer {
  private readonly secrets: readonly string[];

  /**
   * @param secrets the first seals, any opens
   * @throws Error naming the option of the store and the remedy
   */
  constructor(secrets: readonly string[] | undefined) {
    this.secrets = secretsOf(secrets);
  }

  seal(purpose: Purpose, session: string, value: unknown): string {
    return seal(placeOf(purpose, this.secrets[0]!, session), value);
  }

  /** @returns undefined for what was not sealed with one of the secrets, for this session */
  open(purpose: Purpose, session: string, sealed: string): unknown {
    for (const secret of this.secrets) {
      const opened = unseal(placeOf(purpose, secret, session), sealed);
      if (opened !== undefined) {
        return opened;
      }
    }
    return undefined;
  }
}

function placeOf(purpose: Purpose, secret: string, session: string): string {
  return JSON.stringify([purpose, secret, session]);
}

function secretsOf(given: readonly string[] | undefined): readonly string[] {
  if (given !== undefined) {
    const short = given.find((secret) => !(String(secret).length >= 32));
    if (given.length === 0 || short !== undefined) {
      throw new Error(
        'RedisEventStore: secrets are to be one or more, of 32 characters or ' +
          'more each, made at random, such as by `openssl rand -hex 32`.',
      );
    }
    return given;
  }
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      'RedisEventStore: secrets is missing. In production, set it to one or ' +
        'more secrets of 32 characters that are the same for every instance, ' +
        'such as by `openssl rand -hex 32`.',
    );
  }
  new Logger('RedisEventStore').warn(
    'Sessions and events are encrypted with a random secret: other instances ' +
      'cannot read them. Set secrets.',
  );
  return [randomBytes(32).toString('hex')];
}
