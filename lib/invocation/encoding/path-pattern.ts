import { parse, type Token } from 'path-to-regexp';
import { expressPath } from '../../platform/express/express-route-index.js';

/** Whose pattern syntax a path is written in. */
export type PathSyntax = 'express' | 'fastify';

const FASTIFY_NAME_ENDS = '(-./';

/**
 * Reads a pattern. For Express, an unnamed wildcard gets the name that Nest
 * gives it.
 *
 * @throws TypeError when the pattern breaks the syntax
 */
export function parsePathPattern(
  path: string,
  syntax: PathSyntax,
): readonly Token[] {
  return syntax === 'express'
    ? parse(expressPath(path)).tokens
    : parseFastifyPattern(path);
}

/** Names of the parameters that stand in optional groups alone: `/opt{/:sub}`, Fastify's `/opt/:sub?`. */
export function optionalPathParametersOf(
  path: string,
  syntax: PathSyntax,
): string[] {
  const optional = new Set<string>();
  const required = new Set<string>();
  const visit = (tokens: readonly Token[], names: Set<string>): void => {
    for (const token of tokens) {
      if (token.type === 'group') {
        visit(token.tokens, optional);
      } else if (token.type !== 'text') {
        names.add(token.name);
      }
    }
  };
  visit(parsePathPattern(path, syntax), required);
  return [...optional].filter((name) => !required.has(name));
}

/** Fastify's router: `:id`, `:id(^\\d+$)`, `:a-:b`, a last `:id?`, a last `*`, `::` for a colon. */
function parseFastifyPattern(path: string): Token[] {
  const tokens: Token[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') {
      tokens.push({ type: 'text', value: encodeURI(text) });
      text = '';
    }
  };
  for (let i = 0; i < path.length;) {
    const char = path.charAt(i);
    if (char === ':' && path[i + 1] === ':') {
      text += ':';
      i += 2;
    } else if (char === ':') {
      let end = i + 1;
      while (end < path.length && !FASTIFY_NAME_ENDS.includes(path.charAt(end)))
        end++;
      const name = path.slice(i + 1, end);
      i = path[end] === '(' ? closingParenthesis(path, end) + 1 : end;
      if (name.endsWith('?')) {
        const slash = text.endsWith('/') ? '/' : '';
        text = text.slice(0, text.length - slash.length);
        flush();
        tokens.push(optional(slash, name.slice(0, -1)));
      } else {
        flush();
        tokens.push({ type: 'param', name });
      }
    } else if (char === '*') {
      flush();
      tokens.push({ type: 'wildcard', name: '*' });
      i++;
    } else {
      text += char;
      i++;
    }
  }
  flush();
  return tokens;
}

function optional(slash: string, name: string): Token {
  const param: Token = { type: 'param', name };
  return {
    type: 'group',
    tokens: slash === '' ? [param] : [{ type: 'text', value: slash }, param],
  };
}

function closingParenthesis(path: string, from: number): number {
  let depth = 0;
  for (let i = from; i < path.length; i++) {
    const char = path[i];
    if (char === '\\') i++;
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return i;
  }
  throw new TypeError(
    `Path "${path}": the parenthesis at ${from} is never closed.`,
  );
}
