import type { JWK, JWTPayload } from 'jose';
import { createHash } from 'node:crypto';
import { BoundedMap } from '../../cache/bounded-map.js';
import { loadJose } from '../../platform/optional-packages.js';
import { isJsonObject } from '../fetch/guarded-fetch.js';
import type { AccessToken } from '../token/access-token.js';
import {
  InvalidTokenError,
  VerifierUnavailableError,
} from '../token/token.errors.js';
import type { RequestWithHeaders } from './auth.provider.js';

/**
 * Proofs that were used, each for as long as it could be used again. It is of
 * one process: behind a load balancer, a proof can be used once in each.
 */
export class UsedProofs {
  private readonly used: BoundedMap<string, true>;

  /**
   * @param ttl seconds for which a proof is remembered
   * @param maxEntries how many at most, so that nobody can fill the memory
   */
  constructor(ttl: number, maxEntries = 100_000) {
    this.used = new BoundedMap({ maxEntries, ttl: ttl * 1000 });
  }

  /**
   * Notes that a proof is used.
   *
   * @returns false where it was used before
   * @throws VerifierUnavailableError where there is no room to remember it:
   *   forgetting another one would let that be replayed
   */
  use(key: string): boolean {
    if (this.used.has(key)) {
      return false;
    }
    if (this.used.isFull) {
      throw new VerifierUnavailableError('Too many DPoP proofs at once');
    }
    this.used.set(key, true);
    return true;
  }
}

/** What proofs may be signed by (RFC 9449, section 4.3, rule 5): never with a shared secret. */
export const DPOP_ALGORITHMS: readonly string[] = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'RS256',
];

/** Seconds after its `iat` that a proof may be used. */
const MAX_AGE = 60;
/** Seconds that the clock of a client may be off, either way. */
const TOLERANCE = 5;
/** From a clock that is ahead by the tolerance; one second for what jose rounds. */
const REUSABLE_FOR = MAX_AGE + 2 * TOLERANCE + 1;

/** One JWT in compact form; two headers arrive with a comma between them. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** A request as either adapter has it. */
type SentRequest = RequestWithHeaders & { readonly method?: string };

/** What a proof has to prove. */
export interface ToBeProved {
  readonly request: SentRequest;
  /** As its verifier accepted it. */
  readonly token: AccessToken;
  /** The token as it was sent. */
  readonly credentials: string;
  /** What the URL of the request is by the names of this server; query and fragment do not matter. */
  readonly urls: readonly string[];
}

/** Whether a token works only together with a proof of something else (RFC 7800, section 3.1). */
export function isBound(token: AccessToken): boolean {
  return token.claims['cnf'] !== undefined || token.tokenType === 'dpop';
}

/** Checks DPoP proofs of possession (RFC 9449, sections 4.3 and 7.1), each of which can be used once in this process. */
export class DpopProofs {
  /** By request, which several guards may look at. */
  private readonly seen = new WeakMap<object, string>();

  constructor(private readonly used = new UsedProofs(REUSABLE_FOR)) {}

  /**
   * @throws InvalidTokenError where the request does not prove that the token is its sender's
   * @throws VerifierUnavailableError where too many proofs are in use
   */
  async check(proved: ToBeProved): Promise<void> {
    try {
      await this.verify(proved);
    } catch (cause) {
      // Whatever a hostile key makes the cryptography throw is a bad proof.
      throw cause instanceof InvalidTokenError ||
        VerifierUnavailableError.is(cause)
        ? cause
        : new InvalidTokenError('binding', { cause });
    }
  }

  private async verify({
    request,
    token,
    credentials,
    urls,
  }: ToBeProved): Promise<void> {
    const expected = thumbprintOf(token);
    const proof = request.headers['dpop'];
    assert(typeof proof === 'string' && COMPACT.test(proof), 'DPoP header');
    const { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } = await loadJose();
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: [...DPOP_ALGORITHMS],
      typ: 'dpop+jwt',
      maxTokenAge: MAX_AGE,
      clockTolerance: TOLERANCE,
    });
    const jwk = protectedHeader.jwk as JWK;
    assert(!PRIVATE_MEMBERS.some((name) => name in jwk), 'jwk');
    const { htm, htu, ath, jti } = payload as JWTPayload &
      Record<'htm' | 'htu' | 'ath', unknown>;
    assert(htm === request.method, 'htm');
    const url = normalized(htu);
    assert(url !== undefined && urls.map(normalized).includes(url), 'htu');
    assert(ath === digest(credentials), 'ath');
    const thumbprint = await calculateJwkThumbprint(jwk);
    assert(thumbprint === expected, 'cnf');
    assert(typeof jti === 'string' && jti !== '', 'jti');
    // Last, so that only who holds the key can use up a proof or the room for it.
    assert(this.isFirstUse(request, digest(`${thumbprint}.${jti}`)), 'jti');
  }

  private isFirstUse(request: object, key: string): boolean {
    if (this.seen.get(request) === key) {
      return true;
    }
    const isFirst = this.used.use(key);
    if (isFirst) {
      this.seen.set(request, key);
    }
    return isFirst;
  }
}

/** The only confirmation that DPoP can give (RFC 9449, section 6.1): with any other beside it, a proof is not enough. */
function thumbprintOf({ claims: { cnf } }: AccessToken): string {
  assert(isJsonObject(cnf) && Object.keys(cnf).join() === 'jkt', 'cnf');
  assert(typeof cnf['jkt'] === 'string', 'cnf');
  return cnf['jkt'];
}

/** Without query and fragment (RFC 9449, section 4.3, rule 9); undefined for what is no URL. */
function normalized(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) {
    return undefined;
  }
  const url = new URL(value);
  url.search = '';
  url.hash = '';
  return url.href;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function assert(holds: boolean, what: string): asserts holds {
  if (!holds) {
    throw new InvalidTokenError('binding', { cause: new Error(what) });
  }
}
