import type { IssuerMetadata } from '../../../verifiers/discovery/discover-issuer.js';
import { UnsuitableProviderError } from './unsuitable-provider.error.js';

/** Milliseconds for which a document is not asked for again. */
const MAX_AGE = 300_000;
/** Milliseconds after a failure during which the provider is left alone. */
const COOLDOWN = 5000;

/**
 * The provider's metadata: fetched when first needed, renewed behind the back of
 * those who ask, and kept while the provider is down. A document that says the
 * provider has become unsuitable ends that.
 */
export class ProviderDocument {
  private document: IssuerMetadata | undefined;
  private running: Promise<IssuerMetadata> | undefined;
  private askAgainAt = -Infinity;
  private failure: unknown;

  /** @param find fetches a document and checks it */
  constructor(private readonly find: () => Promise<IssuerMetadata>) {}

  /**
   * @throws UnsuitableProviderError
   * @throws VerifierUnavailableError where it has never answered
   */
  async current(): Promise<IssuerMetadata> {
    if (!this.running && Date.now() >= this.askAgainAt) {
      this.running = this.renew();
      // Those who get an older document do not wait for it.
      this.running.catch(() => undefined);
    }
    if (this.document) {
      return this.document;
    }
    if (this.running) {
      return this.running;
    }
    throw this.failure;
  }

  private async renew(): Promise<IssuerMetadata> {
    try {
      this.document = await this.find();
      this.askAgainAt = Date.now() + MAX_AGE;
      return this.document;
    } catch (error) {
      this.failure = error;
      this.askAgainAt = Date.now() + COOLDOWN;
      if (error instanceof UnsuitableProviderError) {
        this.document = undefined;
      }
      throw error;
    } finally {
      this.running = undefined;
    }
  }
}
