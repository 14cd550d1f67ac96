import type { CallToolResult } from '@modelcontextprotocol/server';
import type { OutgoingHttpHeaders } from 'node:http';
import type { CallResult } from '../call-result.js';
import { uncuttable } from './json-result.js';
import type { ResultOptions } from './result-options.js';

/** How content of a media type is shown. */
type ContentKind = 'json' | 'text' | 'image' | 'audio' | 'binary';

const TEXT_TYPES = new Set([
  'application/graphql',
  'application/javascript',
  'application/sql',
  'application/x-javascript',
  'application/x-ndjson',
  'application/x-www-form-urlencoded',
  'application/x-yaml',
  'application/xml',
  'application/yaml',
  'image/svg+xml',
]);

/** The type without parameters, in lower case; empty for none. */
export function mediaTypeOf(contentType: unknown): string {
  const value = typeof contentType === 'string' ? contentType : '';
  return (value.split(';')[0] ?? '').trim().toLowerCase();
}

/** How to show content of a type. Without one, what reads as UTF-8 is text. */
export function contentKindOf(mediaType: string, body: Buffer): ContentKind {
  if (mediaType === '') {
    return isUtf8(body) ? 'text' : 'binary';
  }
  if (mediaType === 'application/json' || mediaType.endsWith('+json')) {
    return 'json';
  }
  if (
    mediaType.startsWith('text/') ||
    TEXT_TYPES.has(mediaType) ||
    mediaType.endsWith('+xml')
  ) {
    return 'text';
  }
  if (mediaType.startsWith('image/')) return 'image';
  return mediaType.startsWith('audio/') ? 'audio' : 'binary';
}

/** Reads text in the charset of its type; UTF-8 where that is unknown. */
export function decodeText(body: Buffer, contentType: unknown): string {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(
    typeof contentType === 'string' ? contentType : '',
  )?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) {
    return body.toString('utf8');
  }
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return body.toString('utf8');
  }
}

function isUtf8(body: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body);
    return true;
  } catch {
    return false;
  }
}

/**
 * Maps binary content: images and audio as themselves, anything else as an
 * embedded resource. Its URI, `mcp-result://<tool>/<file name>`, names the
 * content and cannot be read again. Never cut.
 */
export function mapBinary(
  body: Buffer,
  kind: 'image' | 'audio' | 'binary',
  mimeType: string,
  headers: Readonly<OutgoingHttpHeaders>,
  options: ResultOptions,
): CallResult<CallToolResult> {
  if (body.length > options.maxResultBytes) {
    return uncuttable(options);
  }
  const data = body.toString('base64');
  if (kind !== 'binary') {
    return { result: { content: [{ type: kind, data, mimeType }] } };
  }
  return {
    result: {
      content: [
        {
          type: 'resource',
          resource: {
            uri: resultUri(options.toolName, headers['content-disposition']),
            mimeType: mimeType || 'application/octet-stream',
            blob: data,
          },
        },
      ],
    },
  };
}

function resultUri(toolName: string, disposition: unknown): string {
  const fileName = fileNameOf(String(disposition));
  return `mcp-result://${toolName}${fileName === '' ? '' : `/${encodeURIComponent(fileName)}`}`;
}

// RFC 6266: `filename*` wins over `filename`.
function fileNameOf(disposition: string): string {
  const extended = /filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(disposition);
  if (extended?.[1] !== undefined) {
    try {
      return decodeURIComponent(extended[1]);
    } catch {
      // Malformed: the plain parameter is next.
    }
  }
  const plain = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(
    disposition,
  );
  return plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2] ?? '';
}
