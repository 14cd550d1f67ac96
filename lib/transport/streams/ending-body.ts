/**
 * The response, with a body that ends at once when the signal says so; what
 * produces it is told. Left to itself, it is told only with the next chunk.
 *
 * @param onEnd called once, when the body has ended for whatever reason
 */
export function endingWith(
  response: Response,
  signal: AbortSignal,
  onEnd: () => void = () => undefined,
): Response {
  if (!response.body) {
    onEnd();
    return response;
  }
  const reader = response.body.getReader();
  const stop = (): void => {
    reader.cancel().catch(() => undefined);
  };
  const end = (): void => {
    signal.removeEventListener('abort', stop);
    onEnd();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) {
    stop();
  }
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            controller.enqueue(value);
            return;
          }
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        end();
      },
      cancel() {
        stop();
        end();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    status: response.status,
    headers: response.headers,
  });
}
