import { Injectable } from '@nestjs/common';
import type {
  Resource as ResourceDefinition,
  ResourceTemplateType,
} from '@modelcontextprotocol/server';
import { OperationRegistry } from '../registry/operation.registry.js';
import type { Resource } from './resource.interface.js';

/** Resources of which each has the definition of one list. */
export interface ResourceListing<D> {
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
