import type { FetchLike } from '@modelcontextprotocol/client';
import { ScopeSlot } from '../../context/scope-slot.js';
import {
  type AuthTarget,
  type ClientCaller,
  TokenAuth,
} from '../auth/client-auth.js';
import type { ClientSettings } from '../config/client-settings.js';

/** A request that waits for its answer. */
export interface OpenCall {
  /** To be called when the stream of the answer is over without one, and cannot be resumed. */
  streamEnded(error: unknown): void;
}

/** The call that a request is sent for: requests are sent in its context. */
export const openCall = new ScopeSlot<OpenCall>();

/** Sends no credentials, and tells what a refusal says. */
class AnonymousAuth extends TokenAuth {
  protected override token(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/**
 * The `fetch` that one server is spoken to with: credentials and headers are
 * put on, and a stream that ends without an answer is noticed, which the SDK
 * would wait for until the time is over.
 */
export function httpFetch(
  { auth = new AnonymousAuth(), headers = {} }: ClientSettings,
  target: AuthTarget,
  caller: () => ClientCaller,
): FetchLike {
  const base = target.fetch;
  const fetch: FetchLike = (url, init) =>
    base(url, { ...init, headers: { ...headers, ...plain(init?.headers) } });
  const authorized = auth.wrap({ ...target, fetch }, caller);
  return async (url, init) => {
    const response = await authorized(url, init);
    const call = init?.method === 'POST' ? openCall.get() : undefined;
    return call ? watched(response, call, idIn(init?.body)) : response;
  };
}

function plain(
  headers: ConstructorParameters<typeof Headers>[0],
): Record<string, string> {
  return Object.fromEntries(new Headers(headers));
}

/** The SDK writes the id of a request last. */
function idIn(body: unknown): string | undefined {
  return typeof body === 'string'
    ? /"id":("[^"]*"|\d+)\}$/.exec(body)?.[1]
    : undefined;
}

/** An event with an id: the SDK comes back for what follows it. */
const EVENT_ID = /(^|\n)id:/;
/** Characters that an id may be cut in two by. */
const OVERLAP = 64;

function watched(
  response: Response,
  call: OpenCall,
  id: string | undefined,
): Response {
  const { body, headers, status, statusText } = response;
  if (
    !body ||
    id === undefined ||
    !headers.get('content-type')?.startsWith('text/event-stream')
  ) {
    return response;
  }
  const answer = new RegExp(`"id":\\s*${id}[,}\\s]`);
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  let isOver = false;
  const end = (error?: unknown): void => {
    if (!isOver) {
      call.streamEnded(error);
    }
  };
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          end();
          return;
        }
        if (!isOver) {
          text = text.slice(-OVERLAP) + decoder.decode(value, { stream: true });
          isOver = EVENT_ID.test(text) || answer.test(text);
        }
        controller.enqueue(value);
      } catch (error) {
        controller.error(error);
        end(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(stream, { headers, status, statusText });
}
