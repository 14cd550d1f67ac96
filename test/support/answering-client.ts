import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { MODERN_VERSION, type Era } from './json-rpc.js';

/** Answers of the person, the model and the machine on the client's side. */
export interface Answers {
  /** Given to the questions in turn; the last one again and again. */
  readonly forms?: readonly Record<string, unknown>[];
  readonly model?: string;
  readonly roots?: readonly string[];
}

/** A real client that answers what it is asked. */
export interface AnsweringClient {
  readonly client: Client;
  /** Messages and URLs of the forms, in order. */
  readonly asked: string[];
  /** Texts of a call's result, and whether it is an error. */
  call(
    name: string,
    args?: Record<string, unknown>,
  ): Promise<{ readonly text: string; readonly isError: boolean }>;
}

/** Connects in one era; declares only what it has answers for. */
export async function connectAnswering(
  endpoint: string,
  era: Era,
  answers: Answers,
  headers: Readonly<Record<string, string>> = {},
): Promise<AnsweringClient> {
  const { forms, model, roots } = answers;
  const asked: string[] = [];
  const client = new Client(
    { name: 'answering', version: '1.0.0' },
    {
      capabilities: {
        ...(forms && { elicitation: { form: {}, url: {} } }),
        ...(model !== undefined && { sampling: {} }),
        ...(roots && { roots: {} }),
      },
      versionNegotiation: {
        mode: era === 'modern' ? { pin: MODERN_VERSION } : 'legacy',
      },
    },
  );
  if (forms) {
    const queue = [...forms];
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push('url' in params ? String(params.url) : params.message);
      return (queue.length > 1 ? queue.shift() : queue[0]) as never;
    });
  }
  if (model !== undefined) {
    client.setRequestHandler('sampling/createMessage', () => ({
      role: 'assistant',
      content: { type: 'text', text: model },
      model: 'test',
    }));
  }
  if (roots) {
    client.setRequestHandler('roots/list', () => ({
      roots: roots.map((uri) => ({ uri })),
    }));
  }
  await client.connect(
    new StreamableHTTPClientTransport(new URL(endpoint), {
      requestInit: { headers },
    }),
  );
  return {
    client,
    asked,
    call: async (name, args = {}) => {
      const { content, isError } = await client.callTool({
        name,
        arguments: args,
      });
      return {
        text: content
          .map((block) => (block.type === 'text' ? block.text : ''))
          .join('\n'),
        isError: isError === true,
      };
    },
  };
}
