import type { ReadResourceResult } from '@modelcontextprotocol/server';
import { StreamableFile } from '@nestjs/common';
import {
  type CallResult,
  failed,
  INTERNAL,
} from '../invocation/call-result.js';
import { failureOfResponse, tooLarge } from '../invocation/result/failure.js';
import { envelopeHint } from '../invocation/result/json-result.js';
import type { FailureOptions } from '../invocation/result/result-options.js';
import {
  contentKindOf,
  decodeText,
  mediaTypeOf,
} from '../invocation/result/binary-result.js';
import type { RouteResponse } from '../invocation/route/route-response.js';

type Outcome = CallResult<ReadResourceResult>;
type Content = ReadResourceResult['contents'][number];

/** How what was read becomes content. */
export interface ContentOptions extends FailureOptions {
  /** The URI that was asked for. */
  readonly uri: string;
  /** Of `@McpResource()`. */
  readonly mimeType: string | undefined;
}

/** What a method may write of a content itself. */
interface WrittenContent {
  readonly uri?: string;
  readonly mimeType?: string;
  readonly text?: string;
  /** Base64, or bytes. */
  readonly blob?: string | Uint8Array;
  readonly _meta?: Record<string, unknown>;
}

const CONTENT_KEYS = new Set(['uri', 'mimeType', 'text', 'blob', '_meta']);

/** What Nest gives a file without a type. */
const UNKNOWN_TYPE = 'application/octet-stream';

/**
 * Maps what a method returned: text, bytes, a `StreamableFile`, contents that
 * it has written itself, or anything else as JSON. Nothing is nothing there.
 */
export async function mapContents(
  value: unknown,
  options: ContentOptions,
): Promise<Outcome> {
  const { uri, mimeType } = options;
  if (value === undefined || value === null) {
    return missing(uri);
  }
  if (typeof value === 'string') {
    return textContents(value, 'text/plain', options);
  }
  if (value instanceof Uint8Array) {
    return binaryContents(value, UNKNOWN_TYPE, options);
  }
  if (value instanceof StreamableFile) {
    return fileContents(value, options);
  }
  const written = writtenContents(value);
  if (written) {
    return written.length === 0
      ? missing(uri)
      : limited(
          written.map((content) => finish(content, uri, mimeType)),
          options,
        );
  }
  const hint = envelopeHint(value, hasContents);
  if (hint !== '') {
    options.logger.warn(`${options.label} sent its contents as data.${hint}`);
  }
  const json: string | undefined = JSON.stringify(value);
  return json === undefined
    ? missing(uri)
    : textContents(json, 'application/json', options);
}

/** One content of text; `type` stands in where the resource has no type of its own. */
function textContents(
  text: string,
  type: string,
  options: ContentOptions,
): Outcome {
  const { uri, mimeType = type } = options;
  return limited([{ uri, mimeType, text }], options);
}

/** One content of bytes. */
function binaryContents(
  bytes: Uint8Array,
  type: string,
  options: ContentOptions,
): Outcome {
  const { uri, mimeType = type, maxResultBytes } = options;
  return bytes.byteLength > maxResultBytes
    ? tooLarge(options)
    : { result: { contents: [{ uri, mimeType, blob: base64(bytes) }] } };
}

/** There is nothing at the URI. */
function missing(uri: string): Outcome {
  return failed('missing', `Resource not found: ${uri}`);
}

async function fileContents(
  file: StreamableFile,
  options: ContentOptions,
): Promise<Outcome> {
  const { type } = file.getHeaders();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of file.getStream() as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > options.maxResultBytes) {
        return tooLarge(options);
      }
      chunks.push(Buffer.from(chunk));
    }
  } catch (error) {
    options.logger.error(`${options.label} failed: ${String(error)}`);
    return { failure: INTERNAL };
  }
  const own = type === UNKNOWN_TYPE ? options.mimeType : type;
  return binaryContents(Buffer.concat(chunks), type, {
    ...options,
    mimeType: own,
  });
}

/** Undefined where the value is no content but data. */
function writtenContents(value: unknown): WrittenContent[] | undefined {
  if (hasContents(value)) {
    return value.contents;
  }
  if (Array.isArray(value)) {
    return value.length > 0 && value.every(isContent) ? value : undefined;
  }
  return isContent(value) ? [value] : undefined;
}

function hasContents(
  value: unknown,
): value is { readonly contents: WrittenContent[] } {
  const { contents } = (value ?? {}) as { contents?: unknown };
  return Array.isArray(contents) && contents.every(isContent);
}

function isContent(value: unknown): value is WrittenContent {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { text, blob } = value as WrittenContent;
  return (
    Object.keys(value).every((key) => CONTENT_KEYS.has(key)) &&
    (typeof text === 'string' ||
      typeof blob === 'string' ||
      blob instanceof Uint8Array)
  );
}

function finish(
  { uri, mimeType, text, blob, _meta }: WrittenContent,
  requested: string,
  declared: string | undefined,
): Content {
  const type = mimeType ?? declared;
  return {
    uri: uri ?? requested,
    ...(type !== undefined && { mimeType: type }),
    ...(text !== undefined
      ? { text }
      : { blob: typeof blob === 'string' ? blob : base64(blob) }),
    ...(_meta && { _meta }),
  } as Content;
}

function limited(contents: Content[], options: ContentOptions): Outcome {
  const size = contents.reduce(
    (sum, content) =>
      sum +
      ('text' in content
        ? Buffer.byteLength(content.text)
        : Buffer.byteLength(content.blob, 'base64')),
    0,
  );
  return size > options.maxResultBytes
    ? tooLarge(options)
    : { result: { contents } };
}

function base64(bytes: Uint8Array = new Uint8Array()): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'base64',
  );
}

/**
 * Maps what a route answered, or a filter in place of a method: JSON and text
 * as text, anything else as bytes. An empty answer without a type is what
 * `undefined` becomes over HTTP.
 */
export function mapRouteContents(
  response: RouteResponse,
  options: ContentOptions,
): Outcome {
  const failure = failureOfResponse(response, options);
  if (failure) {
    return { failure };
  }
  const { status, headers, body, events, stopped } = response;
  const contentType = headers['content-type'];
  if (events !== undefined) {
    options.logger.error(`${options.label} answered with a stream of events.`);
    return { failure: INTERNAL };
  }
  if (stopped || body.length > options.maxResultBytes) {
    return tooLarge(options);
  }
  if (status === 204 || (body.length === 0 && contentType === undefined)) {
    return missing(options.uri);
  }
  const mediaType = mediaTypeOf(contentType);
  const kind = contentKindOf(mediaType || mediaTypeOf(options.mimeType), body);
  return kind === 'json' || kind === 'text'
    ? textContents(
        decodeText(body, contentType),
        mediaType || 'text/plain',
        options,
      )
    : binaryContents(body, mediaType || 'application/octet-stream', options);
}
