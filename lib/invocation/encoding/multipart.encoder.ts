import { RefusedArgumentError } from '../call/call.errors.js';

/** The body of a request and the header that describes it. */
export interface EncodedBody {
  readonly contentType: string;
  readonly content: Buffer;
}

/** One property of a form. */
export interface FormField {
  /** What the caller calls it, for messages. */
  readonly argument: string;
  readonly field: string;
  readonly value: unknown;
}

/** Where a name could end its header, or be taken for a path (RFC 7578, sections 4.2 and 7). */
// eslint-disable-next-line no-control-regex -- they are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/;
/** RFC 6838, section 4.2, and parameters of printable ASCII. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+ *(?:;[\x20-\x7e]*)?$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Encodes a multipart form. A file is an object of `name`, `data` (base64) and
 * optionally `mimeType`; the value of a file field is one, an array of them, or
 * an object of form fields each with one or several.
 *
 * @throws RefusedArgumentError for a file of another shape, bad base64, or a
 * name that the form would make something else of
 */
export async function encodeMultipart(
  pairs: readonly (readonly [string, string])[],
  files: readonly FormField[],
): Promise<EncodedBody> {
  const form = new FormData();
  for (const [name, value] of pairs) {
    checkField(name, name);
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
    checkField(field, argument);
    checkFile(value, argument);
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

function checkField(field: string, argument: string): void {
  if (field === '' || CONTROL.test(field)) {
    throw new RefusedArgumentError(
      argument,
      'has the name of a form field that is empty or holds control characters',
    );
  }
}

/** Without a name, a part of a form is no file: the route's limits for files would not hold. */
function checkFile({ name, mimeType }: FileValue, argument: string): void {
  if (
    name.trim() === '' ||
    name === '.' ||
    name === '..' ||
    CONTROL.test(name) ||
    /[/\\]/.test(name)
  ) {
    throw new RefusedArgumentError(
      argument,
      `is a file named ${JSON.stringify(name)}: a name must not be empty, ` +
        'nor hold slashes or control characters',
    );
  }
  if (mimeType !== undefined && !MEDIA_TYPE.test(mimeType)) {
    throw new RefusedArgumentError(
      argument,
      `has the mimeType ${JSON.stringify(mimeType)}, which is no media type such as "image/png"`,
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
