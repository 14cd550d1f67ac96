import type {
  HttpInput,
  RouteCase,
} from '../fixtures/same-as-http/route-case.interface.js';

/** An HTTP answer, read as a client reads it. */
export interface HttpAnswer {
  readonly status: number;
  /** Parsed where the answer says JSON, else text. */
  readonly body: unknown;
}

/** Sends an input to a route as an HTTP client does. */
export async function sendHttp(
  origin: string,
  route: RouteCase,
  input: HttpInput,
): Promise<HttpAnswer> {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(input.path?.[name] ?? '')),
  );
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(input.query ?? {})) {
    for (const one of [value].flat()) query.append(key, String(one));
  }
  const search = query.size > 0 ? `?${query.toString()}` : '';
  const response = await fetch(`${origin}${path}${search}`, {
    method: route.method,
    headers: {
      ...(input.body === undefined
        ? {}
        : { 'content-type': 'application/json' }),
      ...input.headers,
    },
    ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, body: json ? JSON.parse(text) : text };
}

/** The same input as a tool's flat arguments. */
export function toArguments(
  route: RouteCase,
  input: HttpInput,
): Record<string, unknown> {
  const named = (
    place: string,
    fields: Readonly<Record<string, unknown>> = {},
  ): [string, unknown][] =>
    Object.entries(fields).map(([field, value]) => [
      route.renamed?.[`${place}.${field}`] ?? field,
      value,
    ]);
  const body: [string, unknown][] =
    input.body === undefined
      ? []
      : route.wholeBody
        ? [['body', input.body]]
        : named('body', input.body as Record<string, unknown>);
  return Object.fromEntries([
    ...named('path', input.path),
    ...named('query', input.query),
    ...named('headers', input.headers),
    ...body,
  ]);
}
