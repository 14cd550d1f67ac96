import ts from 'typescript';
import { mutationsOf } from './mutators.mjs';

/**
 * @typedef {object} Mutant
 * @property {string} file
 * @property {number} line from 1
 * @property {string} what
 * @property {string} code the line, as it was
 * @property {string} text the file, as it would be
 */

/** Every mutant of a file that is valid JavaScript; types are not checked. */
export function mutantsOf(file, original) {
  const source = parse(file, original);
  const lines = original.split('\n');
  const mutants = new Map();
  visit(source, (node) => {
    for (const [start, end, by, what] of mutationsOf(node, source)) {
      const text = original.slice(0, start) + by + original.slice(end);
      const { line } = source.getLineAndCharacterOfPosition(start);
      const isValid = parse(file, text).parseDiagnostics.length === 0;
      if (isValid && text !== original && !mutants.has(text)) {
        const code = lines[line].trim();
        mutants.set(text, { file, line: line + 1, what, code, text });
      }
    }
  });
  return [...mutants.values()];
}

function parse(file, text) {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

/** Walks through what is left at run time. */
function visit(node, action) {
  if (
    ts.isTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isImportDeclaration(node) ||
    ts.isHeritageClause(node) ||
    node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)
  ) {
    return;
  }
  action(node);
  ts.forEachChild(node, (child) => visit(child, action));
}

/** The same choice of `count` entries for the same seed. */
export function sample(entries, count, seed) {
  let state = seed >>> 0;
  const random = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return entries
    .map((entry) => ({ entry, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ entry }) => entry);
}
