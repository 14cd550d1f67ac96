import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { checkSecrets } from '../../options/option-values.js';
import { Sealer } from '../../secrets/sealer.js';

/** What is sealed of a session; one cannot be put in the place of another. */
const PURPOSES = ['owner', 'state', 'events'] as const;
type Purpose = (typeof PURPOSES)[number];

/** Encrypts what is kept of sessions, each for itself alone. */
export class SessionSealer {
  private readonly sealers: Readonly<Record<Purpose, Sealer>>;
  private last: Promise<unknown> = Promise.resolve();

  /**
   * @param secrets the first seals, any opens
   * @throws Error naming the option of the store and the remedy
   */
  constructor(secrets: readonly string[] | undefined) {
    const checked = secretsOf(secrets);
    this.sealers = Object.fromEntries(
      PURPOSES.map((purpose) => [
        purpose,
        new Sealer(checked, `session ${purpose}`),
      ]),
    ) as Record<Purpose, Sealer>;
  }

  /** What is sealed comes in the order that it was asked for: events must keep theirs. */
  seal(purpose: Purpose, session: string, value: unknown): Promise<string> {
    const sealed = this.sealers[purpose].seal(session, value);
    const inOrder = this.last.then(() => sealed);
    this.last = inOrder.catch(() => undefined);
    return inOrder;
  }

  /** @returns undefined for what was not sealed with one of the secrets, for this session */
  open(purpose: Purpose, session: string, sealed: string): Promise<unknown> {
    return this.sealers[purpose].open(session, sealed);
  }
}

function secretsOf(given: readonly string[] | undefined): readonly string[] {
  if (given !== undefined) {
    checkSecrets('RedisEventStore: secrets', given);
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
