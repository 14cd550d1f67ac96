import type { Client, ClientCapabilities } from '@modelcontextprotocol/client';
import type { McpTestClientOptions } from './test-client-options.interface.js';

/** What the client declares: as much as it can answer. */
export function capabilitiesFor({
  elicit,
  sample,
  roots,
  capabilities,
}: McpTestClientOptions): ClientCapabilities {
  return {
    ...(elicit && { elicitation: { form: {}, url: {} } }),
    ...(sample && { sampling: {} }),
    ...(roots && { roots: {} }),
    ...capabilities,
  };
}

/** Has the client answer, in both eras, with the functions given. */
export function answerWith(
  client: Client,
  { elicit, sample, roots }: McpTestClientOptions,
): void {
  if (elicit) {
    client.setRequestHandler('elicitation/create', async ({ params }) =>
      elicit(params),
    );
  }
  if (sample) {
    client.setRequestHandler('sampling/createMessage', async ({ params }) =>
      sample(params),
    );
  }
  if (roots) {
    client.setRequestHandler('roots/list', () => ({
      roots: [...(typeof roots === 'function' ? roots() : roots)],
    }));
  }
}
