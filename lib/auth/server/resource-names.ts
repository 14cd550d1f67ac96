import { distinctResources } from '../verifiers/audience-rule.js';
import type { RequestWithHeaders } from '../credentials/auth.provider.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** A request, and where it was sent to. */
type SentRequest = RequestWithHeaders & { readonly url?: string };

/**
 * The public names of one protected resource. They are configuration: nothing
 * that a proxy forwards has a say. Without configuration they are derived from
 * the `Host` header, as long as it names loopback.
 */
export class ResourceNames {
  /** Those of the options; of equal ones the first, which is what clients are told. */
  readonly configured: readonly string[];
  /** Host header of the last request, and the origin that it stands for. */
  private last: { host: string; origin: string } | undefined;

  constructor(
    resource: string | readonly string[] | undefined,
    private readonly endpointPath: () => string,
  ) {
    this.configured = distinctResources([resource ?? []].flat());
  }

  /** What the audience of a token may be. */
  namesFor(request: RequestWithHeaders): readonly string[] {
    return this.configured.length > 0
      ? this.configured
      : [this.derived(request)];
  }

  /**
   * What a client may have called the URL of the request. At the endpoint, any
   * name; anywhere, the path at the origin of any name, so that a proxy must
   * not change the paths of other routes.
   */
  urlsFor(request: SentRequest): readonly string[] {
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (!path.startsWith('/')) {
      return [];
    }
    const names = this.namesFor(request);
    return [
      ...(path === this.endpointPath() ? names : []),
      ...names.map((name) => `${new URL(name).origin}${path}`),
    ];
  }

  /** Of several names, the one with the host and, among those, the path that the client used. */
  nameFor(request: SentRequest): string {
    const names = this.namesFor(request);
    const host = request.headers.host?.toLowerCase();
    const ofHost = names.filter((name) => new URL(name).host === host);
    const candidates = ofHost.length > 0 ? ofHost : names;
    const [path] = (request.url ?? '').split('?', 1);
    return (
      candidates.find((name) => {
        const { pathname } = new URL(name);
        return path === pathname || path === metadataPath(pathname);
      }) ??
      candidates[0] ??
      ''
    );
  }

  /** RFC 9728, section 3.1: the well-known part goes before the path. */
  metadataUrlFor(request: SentRequest): string {
    const { origin, pathname } = new URL(this.nameFor(request));
    return `${origin}${metadataPath(pathname)}`;
  }

  /** Where metadata is looked for: at the path of each name, and at the endpoint's real one. */
  get metadataPaths(): readonly string[] {
    return [
      ...new Set([
        metadataPath(this.endpointPath()),
        ...this.namesByMetadataPath.keys(),
      ]),
    ];
  }

  /** The names by the path at which clients look for the metadata of each. */
  get namesByMetadataPath(): ReadonlyMap<string, string> {
    const names =
      this.configured.length > 0
        ? this.configured
        : [`http://localhost${this.endpointPath()}`];
    return new Map(
      names.map((name) => [metadataPath(new URL(name).pathname), name]),
    );
  }

  private derived({ headers }: RequestWithHeaders): string {
    const { host = '' } = headers;
    if (this.last?.host !== host) {
      this.last = { host, origin: loopbackOrigin(host) };
    }
    return `${this.last.origin}${this.endpointPath()}`;
  }
}

/** Another name than loopback comes from a page that had it point here, or from a guess. */
function loopbackOrigin(host: string): string {
  const origin = `http://${host}`;
  return LOOPBACK.test(host) && URL.canParse(origin)
    ? `http://${new URL(origin).host}`
    : 'http://localhost';
}

function metadataPath(pathname: string): string {
  return `${WELL_KNOWN}${pathname.replace(/\/$/, '')}`;
}
