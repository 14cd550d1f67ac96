import type { RequestWithHeaders } from './auth.provider.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/**
 * The public names of one protected resource. They are configuration: nothing
 * that a proxy forwards has a say. Without configuration they are derived from
 * the `Host` header, which on a loopback bind can only name loopback.
 */
export class ResourceNames {
  private readonly configured: readonly string[];

  constructor(
    resource: string | readonly string[] | undefined,
    private readonly endpointPath: () => string,
  ) {
    this.configured = resource === undefined ? [] : [resource].flat();
  }

  /** What the audience of a token may be. */
  namesFor(request: RequestWithHeaders): readonly string[] {
    return this.configured.length > 0
      ? this.configured
      : [this.derived(request)];
  }

  /** Of several names, the one with the host that the client used. */
  nameFor(request: RequestWithHeaders): string {
    const names = this.namesFor(request);
    const host = request.headers.host?.toLowerCase();
    return names.find((name) => new URL(name).host === host) ?? names[0] ?? '';
  }

  /** RFC 9728, section 3.1: the well-known part goes before the path. */
  metadataUrlFor(request: RequestWithHeaders): string {
    const { origin, pathname } = new URL(this.nameFor(request));
    return `${origin}${metadataPath(pathname)}`;
  }

  get metadataPaths(): readonly string[] {
    const pathnames = this.configured.map((name) => new URL(name).pathname);
    return [...new Set([this.endpointPath(), ...pathnames].map(metadataPath))];
  }

  private derived({ headers }: RequestWithHeaders): string {
    return `http://${headers.host ?? 'localhost'}${this.endpointPath()}`;
  }
}

function metadataPath(pathname: string): string {
  return `${WELL_KNOWN}${pathname.replace(/\/$/, '')}`;
}
