import type { OutgoingHttpHeaders } from 'node:http';
import type { ToolOutcome } from '../call/tool-outcome.interface.js';
import { tooLarge } from './json-result.js';
import type { ResultOptions } from './result-options.interface.js';

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
): ToolOutcome {
  if (body.length > options.maxResultBytes) {
    return tooLarge(options);
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
