import { type TemplatePart, readTemplate } from './template-parts.js';

/** Values of a template's variables, decoded. */
export type UriVariables = Readonly<Record<string, string | readonly string[]>>;

/**
 * A URI template (RFC 6570) that is read backwards: from a URI to the values
 * that it was made of. It takes one pass over the URI, for any template.
 *
 * The `match()` of the SDK's `UriTemplate` leaves values percent-encoded, wants
 * every variable of a query, and accepts templates that it cannot read.
 */
export class UriTemplate {
  /** Those that every URI has, in order. */
  readonly required: readonly string[];
  /** Those of the query, any of which may be missing. */
  readonly optional: readonly string[];
  /** Characters that are fixed: the more, the more specific. */
  readonly weight: number;
  /** The template without the names in its path: two of one shape have the same URIs. */
  readonly shape: string;
  private readonly parts: readonly TemplatePart[];
  private readonly literals: readonly string[];
  private readonly query: ReturnType<typeof readTemplate>['query'];

  /** @throws Error naming the expression from which no variable can be read */
  constructor(readonly text: string) {
    const { literals, parts, query } = readTemplate(text);
    this.literals = literals;
    this.parts = parts;
    this.query = query;
    this.required = parts.map(({ name }) => name);
    this.optional = [...(query?.names.keys() ?? [])];
    this.weight = literals.join('').length;
    this.shape = shapeOf(literals, parts, this.optional);
  }

  /** The variables of a URI; undefined where the template cannot have made it. */
  match(uri: string): UriVariables | undefined {
    const cut = this.query ? this.cutOf(uri) : uri.length;
    const values = this.matchPath(uri.slice(0, cut));
    const parameters = values && this.matchQuery(uri.slice(cut));
    return parameters && { ...values, ...parameters };
  }

  /** Where the query expressions begin. */
  private cutOf(uri: string): number {
    const start = uri.indexOf('?');
    if (start < 0 || this.query?.operator === '?') {
      return start < 0 ? uri.length : start;
    }
    let cut = start;
    for (let fixed = this.query?.fixed ?? 0; cut >= 0 && fixed >= 0; fixed--) {
      cut = uri.indexOf('&', cut + 1);
    }
    return cut < 0 ? uri.length : cut;
  }

  /**
   * Takes each variable as short as it can be: from the left up to the one that
   * may hold anything, or the last, and from the right down to it.
   */
  private matchPath(path: string): UriVariables | undefined {
    const { parts, literals } = this;
    const first = literals[0] ?? '';
    const last = literals[parts.length] ?? '';
    if (parts.length === 0) {
      return path === first ? {} : undefined;
    }
    if (!path.startsWith(first) || !path.endsWith(last)) {
      return undefined;
    }
    const raw: string[] = [];
    const open = parts.findIndex(({ open }) => open);
    const middle = open < 0 ? parts.length - 1 : open;
    let start = first.length;
    let end = path.length - last.length;
    for (let index = 0; index < middle; index++) {
      const literal = literals[index + 1] ?? '';
      const at = path.indexOf(literal, start + 1);
      if (at < 0) return undefined;
      raw[index] = path.slice(start, at);
      start = at + literal.length;
    }
    for (let index = parts.length - 1; index > middle; index--) {
      const literal = literals[index] ?? '';
      const at = path.lastIndexOf(literal, end - literal.length - 1);
      if (at < start) return undefined;
      raw[index] = path.slice(at + literal.length, end);
      end = at;
    }
    if (start >= end) return undefined;
    raw[middle] = path.slice(start, end);
    return readValues(parts, raw);
  }

  private matchQuery(text: string): UriVariables | undefined {
    if (text === '') {
      return {};
    }
    const values = new Map<string, string[]>();
    for (const pair of text.slice(1).split('&')) {
      const [, name = '', raw = ''] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
      const value = raw.includes('#') ? undefined : decode(raw);
      const known = values.get(name);
      const isExploded = this.query?.names.get(name);
      if (
        value === undefined ||
        isExploded === undefined ||
        (known && !isExploded)
      ) {
        return undefined;
      }
      if (known) {
        known.push(value);
      } else {
        values.set(name, [value]);
      }
    }
    return Object.fromEntries(
      [...values].map(([name, list]) => [
        name,
        this.query?.names.get(name) ? list : (list[0] ?? ''),
      ]),
    );
  }
}

function shapeOf(
  literals: readonly string[],
  parts: readonly TemplatePart[],
  optional: readonly string[],
): string {
  const marks = parts.map(({ open, separator = '' }) =>
    open ? `{+${separator}}` : `{${separator}}`,
  );
  const path = literals.map((literal, index) => literal + (marks[index] ?? ''));
  return `${path.join('')}{?${[...optional].sort().join()}}`;
}

function readValues(
  parts: readonly TemplatePart[],
  raw: readonly string[],
): UriVariables | undefined {
  const values: [string, string | readonly string[]][] = [];
  for (const [index, { name, open, separator }] of parts.entries()) {
    const text = raw[index] ?? '';
    if (!open && /[/?#]/.test(text)) {
      return undefined;
    }
    const pieces = (separator ? text.split(separator) : [text]).map(decode);
    if (!pieces.every((piece) => piece !== undefined)) {
      return undefined;
    }
    values.push([name, separator ? pieces : (pieces[0] ?? '')]);
  }
  return Object.fromEntries(values);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
