import { Injectable } from '@nestjs/common';
import type { Resource } from './resource.registry.js';
import { ResourceRegistry } from './resource.registry.js';
import type { UriVariables } from './uri.template.js';

/** What a URI leads to. */
interface FoundResource {
  readonly resource: Resource;
  /** Of the template, decoded; empty for a fixed URI. */
  readonly variables: UriVariables;
}

/** Finds the resource of a URI. */
@Injectable()
export class ResourceCatalog {
  private source: readonly unknown[] | undefined;
  private templates: readonly Resource[] = [];

  constructor(private readonly registry: ResourceRegistry) {}

  /**
   * A fixed URI comes first, then the templates: those with more fixed
   * characters before others, then those with fewer variables, then by their
   * text.
   */
  find(uri: unknown): FoundResource | undefined {
    if (typeof uri !== 'string') {
      return undefined;
    }
    const fixed = this.registry.get(uri);
    if (fixed && !fixed.template) {
      return { resource: fixed, variables: {} };
    }
    for (const resource of this.sorted()) {
      const variables = resource.template?.match(uri);
      if (variables) {
        return { resource, variables };
      }
    }
    return undefined;
  }

  private sorted(): readonly Resource[] {
    const { definitions, all } = this.registry.templates;
    if (this.source !== definitions) {
      this.source = definitions;
      this.templates = [...all].sort(bySpecificity);
    }
    return this.templates;
  }
}

function bySpecificity(
  { template: a }: Resource,
  { template: b }: Resource,
): number {
  return a && b
    ? b.weight - a.weight ||
        a.required.length - b.required.length ||
        a.optional.length - b.optional.length
    : 0;
}
