import {
  fetchDocument,
  isMetadata,
  type IssuerMetadata,
} from './discover-issuer.js';
import { IssuerDiscoveryError } from './issuer-discovery.error.js';

/**
 * Metadata at a URL that stands in the configuration. Without a configured
 * issuer it may only speak for its own origin: whoever can write a file
 * somewhere is not every issuer.
 *
 * @param expected `issuer` that it has to name; `timeout` in milliseconds
 * @throws IssuerDiscoveryError where there is none, or only another issuer's
 * @throws VerifierUnavailableError where the URL cannot be reached
 */
export async function metadataAt(
  metadataUrl: string,
  expected: { readonly issuer?: string; readonly timeout?: number },
): Promise<IssuerMetadata> {
  const { issuer, timeout } = expected;
  const document = await fetchDocument(metadataUrl, timeout);
  if (!document || !isMetadata(document)) {
    throw new IssuerDiscoveryError(
      `There is no metadata that names an issuer at "${metadataUrl}".`,
    );
  }
  if (issuer !== undefined && document.issuer !== issuer) {
    throw new IssuerDiscoveryError(
      `The metadata at "${metadataUrl}" names "${document.issuer}". Configure ` +
        'the issuer letter for letter, the last slash included.',
    );
  }
  if (issuer === undefined && !isOfOrigin(document.issuer, metadataUrl)) {
    throw new IssuerDiscoveryError(
      `The metadata at "${metadataUrl}" names "${document.issuer}", which is ` +
        'of another origin. Configure that issuer beside it, if it is right.',
    );
  }
  return document;
}

function isOfOrigin(issuer: string, metadataUrl: string): boolean {
  return (
    URL.canParse(issuer) &&
    new URL(issuer).origin === new URL(metadataUrl).origin
  );
}
