import type {
  CreateMessageResult,
  CreateMessageResultWithTools,
} from '@modelcontextprotocol/server';

/** What became of a question to a person. @publicApi */
export type Elicitation<T> =
  | { readonly action: 'accept'; readonly content: T }
  | { readonly action: 'decline' }
  | { readonly action: 'cancel' };

/** What the client's model said. @publicApi */
export type SamplingResult = CreateMessageResult | CreateMessageResultWithTools;
