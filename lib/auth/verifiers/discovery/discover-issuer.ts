import { fetchJson, type JsonObject } from '../../fetch/guarded-fetch.js';
import { GuardedFetchError } from '../../fetch/url-trust.js';
import { VerifierUnavailableError } from '../../token/token.errors.js';

/**
 * The issuer answers, but not with metadata that may be used: a mistake in the
 * configuration, or at the issuer, that trying again does not mend.
 */
export class IssuerDiscoveryError extends VerifierUnavailableError {
  override readonly name = 'IssuerDiscoveryError';
}

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

/**
 * Where an issuer's metadata may be, in the order of the MCP specification
 * ("Authorization Server Metadata Discovery"): RFC 8414 section 3.1 with the
 * well-known part before the path, OpenID Connect likewise, and OpenID Connect
 * with it behind the path.
 *
 * @throws Error where the issuer is no URL, or has a query or fragment (RFC 8414 section 2)
 */
export function metadataUrls(issuer: string): readonly string[] {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || /[?#]/.test(issuer)) {
    throw new Error(
      `issuer: "${issuer}" is no http(s) URL without query and fragment. ` +
        'Write it as it stands in `issuer` of its metadata.',
    );
  }
  const path = url.pathname.replace(/\/$/, '');
  return [
    ...new Set([
      `${url.origin}/.well-known/oauth-authorization-server${path}`,
      `${url.origin}/.well-known/openid-configuration${path}`,
      `${url.origin}${path}/.well-known/openid-configuration`,
    ]),
  ];
}

/** Metadata of an authorization server (RFC 8414 section 2), as far as its issuer was checked. */
export type IssuerMetadata = JsonObject & { readonly issuer: string };

/** How metadata is looked for. */
interface DiscoverOptions {
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
async function fetchDocument(
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
function isMetadata(document: JsonObject): document is IssuerMetadata {
  return typeof document.issuer === 'string';
}
