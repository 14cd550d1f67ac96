/** A `fetch` that keeps what was asked and all that was answered. */
export interface RecordedFetch {
  readonly fetch: typeof fetch;
  /** `POST /mcp 401` and so on, oldest first. */
  traffic: string[];
  /** Headers and bodies of all answers. */
  answers(): Promise<string>;
}

const isStream = ({ headers }: Response): boolean =>
  headers.get('content-type') === 'text/event-stream';

export function recordFetch(): RecordedFetch {
  const texts: Promise<string>[] = [];
  const recorded: RecordedFetch = {
    traffic: [],
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const { pathname } = new URL(
        input instanceof Request ? input.url : input,
      );
      const method = init?.method ?? 'GET';
      recorded.traffic.push(`${method} ${pathname} ${response.status}`);
      const headers = JSON.stringify([...response.headers]);
      if (method === 'GET' && isStream(response)) {
        // Goes on for as long as the session does.
        texts.push(Promise.resolve(headers));
        return response;
      }
      texts.push(
        response
          .clone()
          .text()
          .then(
            (text) => `${headers} ${text}`,
            () => headers,
          ),
      );
      return response;
    },
    answers: async () => (await Promise.all(texts)).join('\n'),
  };
  return recorded;
}
