import { Injectable } from '@nestjs/common';
import type { RequestWithHeaders } from '../credentials/auth.provider.js';
import { ProtectedResources } from '../server/protected-resources.js';
import type { ServerAuth } from '../server/server-auth.js';

/** OAuth protected resource metadata (RFC 9728, section 2). */
export interface ProtectedResourceDocument {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly resource_name?: string;
  readonly resource_documentation?: string;
}

/** Tells clients where to get tokens for the resource that the request was sent to. */
export function protectedResourceDocument(
  auth: ServerAuth,
  request: RequestWithHeaders,
): ProtectedResourceDocument {
  const { resourceName, resourceDocumentation } = auth.settings;
  const scopes = auth.scopes.supported;
  return {
    resource: auth.resourceFor(request),
    authorization_servers: auth.authorizationServers,
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    ...(resourceName !== undefined && { resource_name: resourceName }),
    ...(resourceDocumentation !== undefined && {
      resource_documentation: resourceDocumentation,
    }),
  };
}

/**
 * The metadata that tells clients of a protected resource where to get tokens
 * (RFC 9728): that of the server which `TokenVerifier` stands for.
 *
 * @publicApi
 */
@Injectable()
export class ProtectedResourceMetadata {
  constructor(private readonly resources: ProtectedResources) {}

  /**
   * The document (RFC 9728, section 2).
   *
   * @param request of which the resource is described, where it has several names
   * @throws Error where no server verifies tokens, or there is no telling which
   */
  document(
    request: RequestWithHeaders = { headers: {} },
  ): ProtectedResourceDocument {
    return protectedResourceDocument(this.resources.routes().auth, request);
  }

  /** Where clients find the document: `resource_metadata` of a challenge. */
  url(request: RequestWithHeaders = { headers: {} }): string {
    return this.resources.routes().auth.metadataUrl(request);
  }
}
