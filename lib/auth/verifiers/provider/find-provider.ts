import { VerifierUnavailableError } from '../../token/token.errors.js';
import {
  discoverIssuer,
  IssuerDiscoveryError,
  type IssuerMetadata,
} from '../discovery/discover-issuer.js';
import type { ProviderSettings } from './provider-options.interface.js';

/** Milliseconds after a failure during which the task is not run again. */
const COOLDOWN = 5000;

/** Runs a task once it is asked for, for all who ask; after a failure, again, but not at once. */
export class RetriedTask<T> {
  private running: Promise<T> | undefined;
  private failedAt = -Infinity;

  constructor(private readonly task: () => Promise<T>) {}

  /** @throws what the task threw, also to those who ask shortly after */
  result(): Promise<T> {
    if (Date.now() >= this.failedAt + COOLDOWN) {
      this.failedAt = Infinity;
      this.running = this.task().catch((error: unknown) => {
        this.failedAt = Date.now();
        throw error;
      });
    }
    return this.running!;
  }
}

/** Path segments of an endpoint that may be the issuer's own. */
const MAX_DEPTH = 4;

/**
 * The provider's metadata: by `issuer`, else by its endpoints. An endpoint tells
 * its issuer only where metadata in front of it names that very endpoint.
 *
 * @throws IssuerDiscoveryError where there is none
 * @throws VerifierUnavailableError where the provider cannot be reached
 */
export async function findProvider(
  settings: ProviderSettings,
): Promise<IssuerMetadata> {
  const { issuer, tokenEndpoint, authorizationEndpoint, timeout } = settings;
  if (issuer !== undefined) {
    return discoverIssuer(issuer, { timeout });
  }
  const endpoint = tokenEndpoint ?? authorizationEndpoint ?? '';
  const claim =
    tokenEndpoint === undefined ? 'authorization_endpoint' : 'token_endpoint';
  for (const candidate of issuersInFrontOf(endpoint)) {
    try {
      return await discoverIssuer(candidate, {
        timeout,
        // The guess is ours, and lacks the last slash that some issuers have.
        accept: (metadata) =>
          [candidate, `${candidate}/`].includes(metadata.issuer) &&
          metadata[claim] === endpoint,
      });
    } catch (error) {
      if (!(error instanceof IssuerDiscoveryError)) {
        throw error;
      }
    }
  }
  throw new IssuerDiscoveryError(
    `No metadata was found that names "${endpoint}" as its ${claim}. Give ` +
      'issuer.',
  );
}

/** Origin of an endpoint, and its path from one segment on. */
function issuersInFrontOf(endpoint: string): readonly string[] {
  const { origin, pathname } = new URL(endpoint);
  const segments = pathname.split('/').filter(Boolean).slice(0, MAX_DEPTH);
  return [
    origin,
    ...segments.map(
      (_, index) => `${origin}/${segments.slice(0, index + 1).join('/')}`,
    ),
  ];
}

/** Whether trying again may help. */
export function isOutage(error: unknown): boolean {
  return (
    VerifierUnavailableError.is(error) &&
    !(error instanceof IssuerDiscoveryError)
  );
}
