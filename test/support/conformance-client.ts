import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { type Era, MODERN_VERSION } from './json-rpc.js';

/** What the person answers to a question, by what it says. */
export type Person = (
  message: string,
) =>
  | { action: 'accept'; content: Record<string, string | boolean> }
  | { action: 'decline' | 'cancel' };

/**
 * A client of either era that answers whatever a server may ask: a person as
 * given, a model that repeats its question, and one folder.
 */
export async function connectAnswering(
  endpoint: string,
  era: Era,
  person: Person,
): Promise<Client> {
  const client = new Client(
    { name: 'answering', version: '1.0.0' },
    {
      capabilities: { elicitation: {}, sampling: {}, roots: {} },
      versionNegotiation: {
        mode: era === 'modern' ? { pin: MODERN_VERSION } : 'legacy',
      },
    },
  );
  client.setRequestHandler('elicitation/create', ({ params }) =>
    person(params.message),
  );
  client.setRequestHandler('sampling/createMessage', ({ params }) => ({
    role: 'assistant',
    model: 'echo',
    content: { type: 'text', text: `Echo of ${told(params.messages)}` },
  }));
  client.setRequestHandler('roots/list', () => ({
    roots: [{ uri: 'file:///work', name: 'Work' }],
  }));
  await client.connect(new StreamableHTTPClientTransport(new URL(endpoint)));
  return client;
}

function told([message]: readonly { content: unknown }[]): string {
  return `"${(message?.content as { text?: string } | undefined)?.text}"`;
}
