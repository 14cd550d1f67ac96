import type { IncomingMessage } from 'node:http';

/** How a client can identify itself at an endpoint (RFC 6749, section 2.3; RFC 7523). */
type PresentedMethod =
  'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';

/** Who a request says it comes from; nothing of it is proven. */
export interface PresentedClient {
  readonly method: PresentedMethod;
  /** Undefined where the request names nobody, or cannot be read. */
  readonly clientId: string | undefined;
  /** The secret in the header, else in the form. */
  readonly secret: string | undefined;
  /** Whether header and form name two clients. */
  readonly isContradictory: boolean;
}

/** A request whose body the adapter has parsed. */
export type ParsedRequest = IncomingMessage & {
  body?: unknown;
  /** Where it comes from, as the application trusts its proxies. */
  readonly callerAddress?: string;
};

/** Reads who a request says it comes from. */
export function presentedClient({
  headers,
  body,
}: ParsedRequest): PresentedClient {
  const form = (body ?? {}) as Readonly<Record<string, unknown>>;
  const named = textOf(form['client_id']);
  const [basic, basicSecret] = basicCredentials(headers.authorization);
  const posted = textOf(form['client_secret']);
  return {
    method: headers.authorization
      ? 'client_secret_basic'
      : posted !== undefined
        ? 'client_secret_post'
        : textOf(form['client_assertion'])
          ? 'private_key_jwt'
          : 'none',
    clientId: basic ?? named,
    // An empty header is none to the provider.
    secret: headers.authorization ? basicSecret : posted,
    isContradictory:
      basic !== undefined && named !== undefined && basic !== named,
  };
}

/** Id and secret are form-encoded before they are base64-encoded (RFC 6749, section 2.3.1). */
function basicCredentials(
  authorization: string | undefined,
): readonly [id?: string | undefined, secret?: string | undefined] {
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const [id = ''] = text.split(':', 1);
  return [formDecoded(id), formDecoded(text.slice(id.length + 1))];
}

function formDecoded(text: string): string | undefined {
  try {
    return textOf(decodeURIComponent(text.replaceAll('+', '%20')));
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
