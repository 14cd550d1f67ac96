import type { Provider } from '@nestjs/common';
import { CompletionFactory } from './completions/completion.factory.js';
import { CompletionRegistry } from './completions/completion.registry.js';
import { ContentLoader } from './content.loader.js';
import { PromptFactory } from './prompts/prompt.factory.js';
import { PromptRegistry } from './prompts/prompt.registry.js';
import { ResourceCatalog } from './resources/resource.catalog.js';
import { ResourceExplorer } from './resources/resource.explorer.js';
import { ResourceFactory } from './resources/resource.factory.js';
import { ResourceRegistry } from './resources/resource.registry.js';

/** The providers of resources, prompts and completions. */
export const contentProviders: readonly Provider[] = [
  CompletionFactory,
  CompletionRegistry,
  ContentLoader,
  PromptFactory,
  PromptRegistry,
  ResourceCatalog,
  ResourceExplorer,
  ResourceFactory,
  ResourceRegistry,
];
