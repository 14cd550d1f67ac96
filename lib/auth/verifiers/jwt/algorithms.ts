const HMAC = ['HS256', 'HS384', 'HS512'] as const;
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;
const EC = ['ES256', 'ES384', 'ES512'] as const;
const OKP = ['EdDSA', 'Ed25519'] as const;
const ASYMMETRIC = [...RSA, ...EC, ...OKP] as const;

/**
 * Signature algorithms that a JWT may have (RFC 7518 section 3.1, RFC 8037,
 * RFC 9864). `none` is not among them.
 *
 * @publicApi
 */
export type JwtAlgorithm = (typeof HMAC | typeof ASYMMETRIC)[number];

/** Kinds of keys that tokens are checked with. */
export type KeyKind = 'secret' | 'RSA' | 'EC' | 'OKP' | 'remote';

/** What each kind of key can check. A secret and a public key have none in common. */
const POSSIBLE: Readonly<Record<KeyKind, readonly JwtAlgorithm[]>> = {
  secret: HMAC,
  RSA,
  EC,
  OKP,
  remote: ASYMMETRIC,
};

/**
 * The algorithms to accept (RFC 8725 section 3.1).
 *
 * @returns what `option` lists; left out, HS256 for a secret, else whatever the
 *   kind of key can check
 * @throws Error where the list is empty, or names an algorithm that this kind
 *   of key cannot check
 */
export function acceptedAlgorithms(
  owner: string,
  kind: KeyKind,
  option: readonly string[] | undefined,
): readonly JwtAlgorithm[] {
  const possible = POSSIBLE[kind];
  if (option === undefined) {
    return kind === 'secret' ? ['HS256'] : possible;
  }
  if (option.length === 0) {
    throw new Error(
      `${owner}: algorithms is empty, so no token could pass. Leave it out ` +
        `for the default, or list some of ${possible.join(', ')}.`,
    );
  }
  const wrong = option.find((name) => !isAmong(possible, name));
  if (wrong !== undefined) {
    throw new Error(
      `${owner}: algorithms has "${wrong}", which ${describe(kind)} cannot ` +
        `check. List some of ${possible.join(', ')}.`,
    );
  }
  return option.filter((name) => isAmong(possible, name));
}

function isAmong(
  possible: readonly JwtAlgorithm[],
  name: string,
): name is JwtAlgorithm {
  return (possible as readonly string[]).includes(name);
}

function describe(kind: KeyKind): string {
  switch (kind) {
    case 'secret':
      return 'a secret';
    case 'remote':
      return 'a set of public keys';
    default:
      return `a public key of type ${kind}`;
  }
}
