import {
  JWT_ISSUER_KEYS,
  type JwtIssuerOptions,
  type JwtVerifierOptions,
} from './jwt-options.interface.js';
import { TrustedIssuer } from './trusted-issuer.js';
import { shown } from '../../../options/option-keys.js';

/** Options that belong to one issuer, and so into `issuers` where that is given. */
const PER_ISSUER = Object.keys(JWT_ISSUER_KEYS) as (keyof JwtIssuerOptions)[];

/**
 * Reads the options into issuers, none of which shares a name with another.
 *
 * @throws Error where the options are contradictory or unsafe
 */
export function trustedIssuers(
  owner: string,
  options: JwtVerifierOptions,
): readonly TrustedIssuer[] {
  const { issuers, jwks, clockTolerance = 0 } = options;
  checkNumbers(owner, { clockTolerance, ...jwks });
  const shared = { clockTolerance, jwks };
  if (!issuers) {
    return [new TrustedIssuer(owner, options, shared)];
  }
  const misplaced = PER_ISSUER.find((name) => options[name] !== undefined);
  if (misplaced) {
    throw new Error(
      `${owner}: ${misplaced} stands beside issuers. Write it into each ` +
        'entry of issuers that it belongs to.',
    );
  }
  const trusted = issuers.map(
    (entry, index) =>
      new TrustedIssuer(`${owner}.issuers[${index}]`, entry, shared),
  );
  checkNames(owner, trusted);
  return trusted;
}

function checkNames(owner: string, trusted: readonly TrustedIssuer[]): void {
  const names = trusted.map((issuer) => issuer.names);
  if (names.length === 0 || names.includes(undefined)) {
    throw new Error(
      `${owner}: each of issuers needs its issuer, by which the keys are ` +
        'chosen. Set it to the `iss` of its tokens.',
    );
  }
  const all = names.flatMap((list) => list ?? []);
  const twice = all.find((name, index) => all.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(
      `${owner}: issuers has "${twice}" more than once, so that its keys ` +
        'would be a matter of order. Keep one entry per issuer.',
    );
  }
}

function checkNumbers(
  owner: string,
  numbers: Readonly<Record<string, number | undefined>>,
): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== undefined && !(Number.isFinite(value) && value >= 0)) {
      throw new Error(
        `${owner}: ${name} is ${shown(value)}. Give a number of 0 or more.`,
      );
    }
  }
}
