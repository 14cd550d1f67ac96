import type { ErrorObject } from 'ajv';

/** The first rule of a schema that a value breaks. */
export interface SchemaIssue {
  /** Where: `filters.limit`, `tags[2]`; empty for the value as a whole. */
  readonly path: string;
  /** What is wrong, for the caller: "`limit` must be <= 100". */
  readonly message: string;
}

/** Rules that one answer names; what is wrong beyond that comes up once these are mended. */
const MOST_ISSUES = 20;

/** Several issues in one line. */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  const messages = issues.slice(0, MOST_ISSUES).map(({ message }) => message);
  const others = issues.length - messages.length;
  return [...messages, ...(others > 0 ? [`and ${others} more`] : [])].join(
    '; ',
  );
}

/** Takes apart all errors of a value: those of a union's members belong to the union. */
export function readIssues(errors: readonly ErrorObject[]): SchemaIssue[] {
  const issues = new Map<string, SchemaIssue>();
  for (let end = errors.length; end > 0;) {
    const last = errors[end - 1] as ErrorObject;
    let start = end - 1;
    if (GROUPS.has(last.keyword)) {
      while (start > 0 && isWithin(errors[start - 1] as ErrorObject, last)) {
        start -= 1;
      }
    }
    const issue = describeIssue(errors.slice(start, end));
    issues.set(issue.message, issue);
    end = start;
  }
  return [...issues.values()].reverse();
}

/** Keywords whose errors follow those of their subschemas. */
const GROUPS = new Set(['anyOf', 'oneOf', 'propertyNames']);

const isWithin = (inner: ErrorObject, { instancePath }: ErrorObject): boolean =>
  inner.instancePath === instancePath ||
  inner.instancePath.startsWith(`${instancePath}/`);

/** Words Ajv's errors for somebody who sees arguments and no schema. */
export function describeIssue(errors: readonly ErrorObject[]): SchemaIssue {
  const error = mostTelling(errors);
  if (!error) {
    return { path: '', message: 'The value is not valid' };
  }
  const params = error.params as Record<string, unknown>;
  const at = pathOf(error.instancePath);
  const subject = at === '' ? 'The value' : `\`${at}\``;
  const nameOf = (key: string): string => join(at, String(params[key]));
  switch (error.keyword) {
    case 'required': {
      const path = nameOf('missingProperty');
      return { path, message: `\`${path}\` is required` };
    }
    case 'dependentRequired': {
      const path = nameOf('missingProperty');
      return {
        path,
        message: `\`${path}\` is required beside \`${nameOf('property')}\``,
      };
    }
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const path = nameOf(
        error.keyword === 'additionalProperties'
          ? 'additionalProperty'
          : 'unevaluatedProperty',
      );
      return {
        path,
        message:
          at === ''
            ? `\`${path}\` is not an argument of this tool`
            : `\`${path}\` is not a property of \`${at}\``,
      };
    }
    case 'enum':
      return {
        path: at,
        message: `${subject} must be one of ${list(params['allowedValues'])}`,
      };
    case 'const':
      return {
        path: at,
        message: `${subject} must be ${JSON.stringify(params['allowedValue'])}`,
      };
    case 'type':
      return {
        path: at,
        message: `${subject} must be ${types(params['type'])}`,
      };
    case 'false schema':
      return { path: at, message: `${subject} is not allowed` };
    case 'not':
      return { path: at, message: `${subject} has a value that is excluded` };
    case 'anyOf':
      return { path: at, message: `${subject} has none of the allowed forms` };
    case 'oneOf':
      return {
        path: at,
        message: Array.isArray(params['passingSchemas'])
          ? `${subject} has more than one of forms that exclude each other`
          : `${subject} has none of the allowed forms`,
      };
    default:
      return {
        path: at,
        message: `${subject} ${error.message ?? 'is not valid'}`,
      };
  }
}

/**
 * Of a failed union Ajv tells why each member failed. If all but one failed
 * for the type of the value itself (`null` beside the real form), that one
 * tells more than "none of the allowed forms".
 */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const last = errors.at(-1);
  if (last?.keyword !== 'anyOf' && last?.keyword !== 'oneOf') {
    return last;
  }
  const inner = errors.slice(0, -1);
  const ofOtherType = inner.filter(
    ({ keyword, instancePath }) =>
      keyword === 'type' && instancePath === last.instancePath,
  );
  const telling = inner.filter((error) => !ofOtherType.includes(error));
  if (telling.length > 0 && ofOtherType.length > 0) {
    return mostTelling(telling);
  }
  const real = ofOtherType.filter(
    ({ params }) => (params as { type?: unknown }).type !== 'null',
  );
  return inner.length === 2 && real.length === 1 && ofOtherType.length === 2
    ? real[0]
    : last;
}

/** `/filters/0/a~1b` as `filters[0].a/b`. */
const pathOf = (instancePath: string): string =>
  instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(join, '');

const join = (path: string, part: string): string =>
  /^\d+$/.test(part) && path !== ''
    ? `${path}[${part}]`
    : path === ''
      ? part
      : `${path}.${part}`;

const types = (type: unknown): string =>
  (Array.isArray(type) ? type : String(type).split(','))
    .map((each) =>
      each === 'null'
        ? 'null'
        : `${/^[aio]/.test(String(each)) ? 'an' : 'a'} ${String(each)}`,
    )
    .join(' or ');

const list = (values: unknown): string =>
  (Array.isArray(values) ? values : [])
    .map((value) => JSON.stringify(value))
    .join(', ');
