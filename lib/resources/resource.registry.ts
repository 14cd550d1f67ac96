import type {
  ReadResourceResult,
  Resource as ResourceDefinition,
  ResourceTemplateType,
} from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import type { Call } from '../invocation/call/call.interface.js';
import type { CallResult, Operation } from '../invocation/call-result.js';
import type { DecoratedMethod } from '../nest/provider-methods.js';
import type { Route, RouteUrl } from '../nest/route.interface.js';
import type { CacheOptions } from '../server/mcp-options.interface.js';
import { OperationRegistry } from '../server/operation.registry.js';
import type { McpResourceOptions } from './resource.decorator.js';
import type { UriTemplate } from './uri.template.js';

/** A provider's method that is a resource. */
export interface ProviderResourceCandidate extends DecoratedMethod<McpResourceOptions> {
  readonly kind: 'provider';
}

/** A GET route that is a resource. */
export interface RouteResourceCandidate extends Omit<
  DecoratedMethod<McpResourceOptions>,
  'wrapper'
> {
  readonly kind: 'route';
  readonly route: Route;
  readonly url: RouteUrl;
  /** Headers that select the version, with lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What the explorer found. */
export type ResourceCandidate =
  ProviderResourceCandidate | RouteResourceCandidate;

/** One resource, or all those of a template. Its name among operations is its URI. */
export interface Resource extends Operation {
  readonly kind: 'resource';
  /** The entry of `resources/list` or `resources/templates/list`, ready to send. */
  readonly definition: ResourceDefinition | ResourceTemplateType;
  /** Undefined for a fixed URI. */
  readonly template: UriTemplate | undefined;
  /** What clients are told of how long the content holds. */
  readonly cache: CacheOptions | undefined;
  /** Validates, invokes and maps; the arguments of the call are the template's variables. */
  read(call: Call): Promise<CallResult<ReadResourceResult>>;
}

/** Resources of which each has the definition of one list. */
interface ResourceListing<D> {
  readonly definitions: readonly D[];
  readonly all: readonly (Resource & { readonly definition: D })[];
}

/** The resources and templates of one server, by URI and template. */
@Injectable()
export class ResourceRegistry extends OperationRegistry<Resource> {
  /** What the listings were made of. */
  private source: readonly unknown[] | undefined;
  private listings = listingsOf([]);

  /** Those with a URI, ordered by it. */
  get fixed(): ResourceListing<ResourceDefinition> {
    return this.current().fixed;
  }

  /** The templates, ordered by themselves. */
  get templates(): ResourceListing<ResourceTemplateType> {
    return this.current().templates;
  }

  /** Templates that differ by the names of their variables match the same URIs. */
  protected override keysOf({
    name,
    template,
    definition,
  }: Resource): readonly string[] {
    return [`uri ${template?.shape ?? name}`, `name ${definition.name}`];
  }

  /** The registry makes a new array of definitions whenever it changes. */
  private current(): ReturnType<typeof listingsOf> {
    if (this.source !== this.definitions) {
      this.source = this.definitions;
      this.listings = listingsOf([...this.all]);
    }
    return this.listings;
  }
}

function listingsOf(resources: readonly Resource[]): {
  fixed: ResourceListing<ResourceDefinition>;
  templates: ResourceListing<ResourceTemplateType>;
} {
  return {
    fixed: listingOf(resources.filter(({ template }) => !template)),
    templates: listingOf(resources.filter(({ template }) => template)),
  };
}

function listingOf<D>(resources: readonly Resource[]): ResourceListing<D> {
  const all = resources as readonly (Resource & { readonly definition: D })[];
  return { all, definitions: all.map(({ definition }) => definition) };
}
