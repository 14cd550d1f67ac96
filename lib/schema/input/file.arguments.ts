import type { RouteArgument } from '../../nest/route.interface.js';
import type { UploadField } from '../../nest/upload-fields.js';
import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { isSchema } from '../json-schema/schema-keywords.js';
import { dereference } from '../json-schema/schema-reference.js';
import { pipeEvidence } from '../sources/pipe.schema.js';
import type { Argument, ObjectShape } from './argument-target.js';

/** A file as a tool's argument: the bytes in base64 (RFC 4648, section 4). */
const FILE: JsonSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'File name' },
    mimeType: { type: 'string', description: 'Media type' },
    data: {
      type: 'string',
      contentEncoding: 'base64',
      description: 'Content in base64',
    },
  },
  required: ['name', 'data'],
  additionalProperties: false,
};

/**
 * The files that a route takes. Their form fields are known from the upload
 * interceptor, else from binary properties of a documented body, else they
 * are called `file` or `files`.
 */
export function fileArguments(
  route: readonly RouteArgument[],
  uploads: readonly UploadField[],
  body: ObjectShape | undefined,
): Argument[] {
  const taken = route.filter(
    ({ source }) => source === 'file' || source === 'files',
  );
  const documented = binaryFields(body);
  const fields =
    uploads.length > 0
      ? uploads
      : documented.length > 0
        ? documented
        : taken.map(({ source }) => ({
            name: source,
            multiple: source === 'files',
          }));
  const demanded = taken.some(
    ({ pipes }) => pipeEvidence(pipes, () => ({})).required === true,
  );
  return fields.map(({ name, multiple }) => {
    const described = body?.properties[name]?.['description'];
    return {
      source: multiple ? 'files' : 'file',
      field: name,
      schema: {
        ...(multiple ? { type: 'array', items: FILE } : FILE),
        ...(described !== undefined && { description: described }),
      },
      // A pipe looks at one file; of several fields it does not say which.
      required:
        (body?.required.includes(name) ?? false) ||
        (demanded && fields.length === 1),
    };
  });
}

function binaryFields(body: ObjectShape | undefined): UploadField[] {
  const fields: UploadField[] = [];
  for (const [name, schema] of Object.entries(body?.properties ?? {})) {
    const multiple = binaryKind(schema);
    if (multiple !== undefined) {
      fields.push({ name, multiple });
    }
  }
  return fields;
}

/** False for one binary value, true for a list of them, undefined for anything else. */
export function binaryKind(schema: JsonSchema): boolean | undefined {
  const { type, format, items } = dereference(schema);
  if (type === 'array' && isSchema(items)) {
    return binaryKind(items) === false ? true : undefined;
  }
  return type === 'string' && format === 'binary' ? false : undefined;
}
