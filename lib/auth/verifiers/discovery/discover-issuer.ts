import { VerifierUnavailableError } from '../../errors/verifier-unavailable.error.js';
import { fetchJson, type JsonObject } from '../../fetch/fetch-json.js';
import { GuardedFetchError } from '../../fetch/guarded-fetch.error.js';
import { IssuerDiscoveryError } from './issuer-discovery.error.js';
import { metadataUrls } from './metadata-urls.js';

/** Metadata of an authorization server (RFC 8414 section 2), as far as its issuer was checked. */
export type IssuerMetadata = JsonObject & { readonly issuer: string };

/** How metadata is looked for. */
export interface DiscoverOptions {
  /** Milliseconds per request. @default 5000 */
  readonly timeout?: number;
  /** Whether a document is the one that was looked for. @default its `issuer` is the issuer, letter for letter */
  readonly accept?: (metadata: IssuerMetadata) => boolean;
}

/**
 * Fetches the metadata of an issuer that stands in the configuration. A
 * document of another issuer is not used (RFC 8414 section 3.3).
 *
 * @throws IssuerDiscoveryError where there is none, or only another issuer's
 * @throws VerifierUnavailableError where the issuer cannot be reached
 */
export async function discoverIssuer(
  issuer: string,
  options: DiscoverOptions = {},
): Promise<IssuerMetadata> {
  const accept = options.accept ?? ((metadata) => metadata.issuer === issuer);
  const others: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const document = await fetchDocument(url, options.timeout);
    if (document && isMetadata(document)) {
      if (accept(document)) {
        return document;
      }
      others.push(document.issuer);
    }
  }
  throw new IssuerDiscoveryError(
    others.length > 0
      ? `The metadata found for issuer "${issuer}" names "${others[0]}". ` +
          'Configure the issuer letter for letter, the last slash included.'
      : `No metadata was found for issuer "${issuer}", neither by RFC 8414 ` +
          'nor by OpenID Connect Discovery. Configure jwksUri, or correct it.',
  );
}

/**
 * Undefined where this address has no such document and the next is to be tried.
 *
 * @throws VerifierUnavailableError where it cannot be reached
 */
export async function fetchDocument(
  url: string,
  timeout: number | undefined,
): Promise<JsonObject | undefined> {
  try {
    return await fetchJson(url, {
      trust: { source: 'configuration' },
      timeout,
    });
  } catch (error) {
    if (error instanceof GuardedFetchError && isAnswer(error)) {
      return undefined;
    }
    throw new VerifierUnavailableError(
      'The metadata of the issuer cannot be fetched',
      { cause: error },
    );
  }
}

/** Whether the server answered, and meant it: not an outage. */
function isAnswer({ failure, status = 0 }: GuardedFetchError): boolean {
  return (
    failure === 'content' ||
    (failure === 'status' && status < 500 && status !== 429)
  );
}

/** Whether a document names an issuer. */
export function isMetadata(document: JsonObject): document is IssuerMetadata {
  return typeof document.issuer === 'string';
}
