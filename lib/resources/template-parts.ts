/** One variable of a template's path. */
export interface TemplatePart {
  readonly name: string;
  /** Whether it may hold `/`, `?` and `#`. */
  readonly open: boolean;
  /** Between the elements of a list. */
  readonly separator: string | undefined;
}

/** A template, taken apart. */
interface TemplateParts {
  /** What is fixed: before, between and after the parts. */
  readonly literals: readonly string[];
  readonly parts: readonly TemplatePart[];
  /** The query expressions, which end a template. */
  readonly query:
    | {
        readonly operator: '?' | '&';
        /** How many `&` the fixed part of the query has. */
        readonly fixed: number;
        /** Whether each variable may come several times. */
        readonly names: ReadonlyMap<string, boolean>;
      }
    | undefined;
}

const TOKEN = /\{([^{}]*)\}|[{}]/g;
const VARIABLE = /^((?:\w|%[0-9a-f]{2})(?:[\w.]|%[0-9a-f]{2})*)(\*|:\d+)?$/i;
/** RFC 3986, appendix A: all else is written as `%XX`. */
const FORBIDDEN = /[^\x21-\x7e]|["<>\\^`|]/;

/** What an operator puts before and between its variables. */
const OPERATORS: Readonly<Record<string, readonly [string, string]>> = {
  '': ['', ','],
  '+': ['', ','],
  '#': ['#', ','],
  '/': ['/', '/'],
  '.': ['.', '.'],
};

/** Whether a text is a template, and not a URI. */
export function isTemplate(text: string): boolean {
  return /[{}]/.test(text);
}

/** @throws Error telling what is wrong with a URI */
export function checkUri(uri: string): void {
  if (!/^[a-z][a-z0-9+.-]*:./i.test(uri)) {
    throw new Error('it does not begin with a scheme, as in "docs://handbook"');
  }
  if (FORBIDDEN.test(uri)) {
    throw new Error('it has characters that a URI must write as %XX');
  }
  if (/%(?![0-9a-f]{2})/i.test(uri)) {
    throw new Error('it has a "%" that is not followed by two digits');
  }
}

/** @throws Error naming the expression from which no variable can be read */
export function readTemplate(text: string): TemplateParts {
  const literals = [''];
  const parts: TemplatePart[] = [];
  let query: { operator: '?' | '&'; names: Map<string, boolean> } | undefined;
  const addLiteral = (literal: string): void => {
    if (query && literal !== '') {
      throw new Error(`"${literal}" stands after the query expression`);
    }
    literals.push((literals.pop() ?? '') + literal);
  };
  let position = 0;
  for (const { 0: token, 1: expression, index } of text.matchAll(TOKEN)) {
    addLiteral(text.slice(position, index));
    position = index + token.length;
    const { operator, variables } = readExpression(token, expression);
    if (operator === '?' || operator === '&') {
      query ??= { operator, names: new Map() };
      for (const { name, modifier } of variables) {
        query.names.set(name, modifier === '*');
      }
      continue;
    }
    const [prefix, separator] = OPERATORS[operator] ?? ['', ','];
    for (const [number, { name, modifier }] of variables.entries()) {
      addLiteral(number === 0 ? prefix : separator);
      const isList = modifier === '*';
      parts.push({
        name,
        open: '+#'.includes(operator || ' ') || (isList && separator === '/'),
        separator: isList ? separator : undefined,
      });
      literals.push('');
    }
  }
  addLiteral(text.slice(position));
  check(text, literals, parts, query?.names);
  const fixed = literals.join('').split('?')[1];
  if (query?.operator === '&' && fixed === undefined) {
    throw new Error('{&…} continues a query, and there is none before it');
  }
  return {
    literals,
    parts,
    query: query && { ...query, fixed: (fixed?.split('&').length ?? 1) - 1 },
  };
}

function readExpression(
  token: string,
  expression: string | undefined,
): {
  operator: string;
  variables: { name: string; modifier: string | undefined }[];
} {
  if (expression === undefined) {
    throw new Error(`its "${token}" has no counterpart`);
  }
  const operator = /^[+#./?&]?/.exec(expression)?.[0] ?? '';
  const variables = expression
    .slice(operator.length)
    .split(',')
    .map((variable) => {
      const [, name, modifier] = VARIABLE.exec(variable) ?? [];
      if (name === undefined) {
        throw new Error(
          `${token} is no expression that can be read: write {name}, {+name}, ` +
            '{/name}, {.name}, {#name}, {?name} or {&name}',
        );
      }
      if (modifier?.startsWith(':')) {
        throw new Error(`${token} keeps a part of its value alone`);
      }
      return { name, modifier };
    });
  return { operator, variables };
}

function check(
  text: string,
  literals: readonly string[],
  parts: readonly TemplatePart[],
  query: ReadonlyMap<string, boolean> | undefined,
): void {
  checkUri(text.replace(TOKEN, 'x'));
  if (!/^[a-z][a-z0-9+.-]*:/i.test(literals[0] ?? '')) {
    throw new Error('its scheme is not fixed');
  }
  if (literals.slice(1, -1).includes('')) {
    throw new Error('two of its variables have nothing fixed between them');
  }
  if (parts.filter(({ open }) => open).length > 1) {
    throw new Error('more than one of its variables may hold "/"');
  }
  const names = [...parts.map(({ name }) => name), ...(query?.keys() ?? [])];
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined) {
    throw new Error(`its variable "${twin}" comes twice`);
  }
}
