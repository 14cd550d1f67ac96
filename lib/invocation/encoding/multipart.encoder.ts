import { RefusedArgumentError } from '../call/refused-argument.error.js';
import type { EncodedBody, FormField } from './request-body.interface.js';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Encodes a multipart form. A file is an object of `name`, `data` (base64) and
 * optionally `mimeType`; the value of a file field is one, an array of them, or
 * an object of form fields each with one or several.
 *
 * @throws RefusedArgumentError for a file of another shape, or bad base64
 */
export async function encodeMultipart(
  pairs: readonly (readonly [string, string])[],
  files: readonly FormField[],
): Promise<EncodedBody> {
  const form = new FormData();
  for (const [name, value] of pairs) {
    form.append(name, value);
  }
  for (const { argument, field, value } of files) {
    appendFiles(form, argument, field, value);
  }
  const response = new Response(form);
  return {
    contentType: response.headers.get('content-type') ?? '',
    content: Buffer.from(await response.arrayBuffer()),
  };
}

function appendFiles(
  form: FormData,
  argument: string,
  field: string,
  value: unknown,
): void {
  if (value === undefined || value === null) {
    return;
  }
  if (Array.isArray(value)) {
    for (const file of value) {
      appendFiles(form, argument, field, file);
    }
  } else if (isFile(value)) {
    form.append(
      field,
      new Blob([decode(value.data, argument)], {
        type: value.mimeType ?? 'application/octet-stream',
      }),
      value.name,
    );
  } else if (typeof value === 'object' && !('data' in value)) {
    for (const [name, part] of Object.entries(value)) {
      appendFiles(form, argument, name, part);
    }
  } else {
    throw new RefusedArgumentError(
      argument,
      'must be a file: { "name", "mimeType", "data" }, data in base64',
    );
  }
}

interface FileValue {
  readonly name: string;
  readonly mimeType?: string;
  readonly data: string;
}

function isFile(value: unknown): value is FileValue {
  const file = value as Partial<Record<keyof FileValue, unknown>> | null;
  return (
    typeof file === 'object' &&
    file !== null &&
    typeof file.name === 'string' &&
    typeof file.data === 'string' &&
    (file.mimeType === undefined || typeof file.mimeType === 'string')
  );
}

function decode(data: string, argument: string): Uint8Array<ArrayBuffer> {
  if (data.length % 4 !== 0 || !BASE64.test(data)) {
    throw new RefusedArgumentError(argument, 'holds data that is not base64');
  }
  return new Uint8Array(Buffer.from(data, 'base64'));
}
