import type { Provider } from '@nestjs/common';
import { CompletionFeature } from './completion.feature.js';
import { PromptFeature } from './prompt.feature.js';
import { ResourceFeature } from './resource.feature.js';
import { SubscriptionFeature } from './subscription.feature.js';
import { ToolFeature } from './tool.feature.js';

/** Injection token of all features of a server, in the order in which they are declared. */
export const SERVER_FEATURES = 'nestjs-mcp:features';

const FEATURES = [
  SubscriptionFeature,
  ToolFeature,
  ResourceFeature,
  PromptFeature,
  CompletionFeature,
];

/** The providers of the features. */
export const featureProviders: readonly Provider[] = [
  ...FEATURES,
  {
    provide: SERVER_FEATURES,
    useFactory: (...features: unknown[]) => features,
    inject: FEATURES,
  },
];
